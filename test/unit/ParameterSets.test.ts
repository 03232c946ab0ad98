import { expect } from 'chai'
import { expectOutOfRange, expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { defaultParameters, MAX_UNITS, type Parameters } from '../helpers/defaults.ts'
import { busyMarket, deployMarket, type World } from '../helpers/fixtures.ts'
import { plain } from '../helpers/plain.ts'
import { slotOf, writeWord } from '../helpers/storage.ts'
import { DAY } from '../helpers/time.ts'

const WEEK = 7n * DAY

/** `[field, least, most]`, where the most is below what the field's bits could hold. */
const BOUNDS = [
  ['feeBps', 0n, 1_000n],
  ['bondBps', 2_000n, 50_000n],
  ['surchargeBps', 0n, 30_000n],
  ['latenessBps', 0n, 2_000n],
  ['minRun', 1n, WEEK],
  ['minWindow', 1n, WEEK],
] as const

describe('ParameterSets', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const add = (overrides: Partial<Parameters> = {}, hooks: string[] = []) =>
    world.market.connect(world.actors.owner).addParameters({ ...defaultParameters, ...overrides }, hooks)

  const other: Parameters = {
    feeBps: 1_000n,
    bondBps: 50_000n,
    surchargeBps: 30_000n,
    latenessBps: 1n,
    minBond: MAX_UNITS,
    baseExposure: MAX_UNITS - 1n,
    minRun: WEEK,
    minWindow: WEEK - 1n,
    lateRequesterGas: 12n,
    lateKeeperGas: 34n,
  }

  it('starts with the set of the constructor, its hooks, and posting not paused', async () => {
    const { market, actors, assurance } = world
    expect(await market.currentParameters()).to.deep.equal([0n, false])
    expect(plain(await market.parametersOf(0n))).to.deep.equal(defaultParameters)
    expect(await market.hookOf(0n, 0n)).to.equal(actors.hook.address)
    expect(await market.hookOf(0n, 1n)).to.equal(await assurance.getAddress())
    expect(await market.hookOf(0n, 2n)).to.equal(ethers.ZeroAddress)
  })

  describe('addParameters', () => {
    it('stores the set under the next number and makes it current', async () => {
      const { market, actors } = world
      const { hook, eve } = actors
      expect(await market.connect(actors.owner).addParameters.staticCall(other, [])).to.equal(1n)
      await add(other, [ethers.ZeroAddress, eve.address])
      expect(await market.currentParameters()).to.deep.equal([1n, false])
      expect(plain(await market.parametersOf(1n))).to.deep.equal(other)
      expect(await market.hookOf(1n, 0n)).to.equal(ethers.ZeroAddress)
      expect(await market.hookOf(1n, 1n)).to.equal(eve.address)
      expect(plain(await market.parametersOf(0n))).to.deep.equal(defaultParameters)
      expect(await market.hookOf(0n, 0n)).to.equal(hook.address)
    })

    it('emits ParametersAdded', async () => {
      const { market, actors } = world
      await expect(add(other, [actors.eve.address]))
        .to.emit(market, 'ParametersAdded')
        .withArgs(1n, Object.values(other), [actors.eve.address])
    })

    it('keeps posting paused', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      await add(other)
      expect(await world.market.currentParameters()).to.deep.equal([1n, true])
    })

    for (const who of ['treasury', 'requester', 'provider', 'hook', 'eve'] as const) {
      it(`reverts with OwnableUnauthorizedAccount for ${who}`, async () => {
        const caller = world.actors[who]
        const sending = world.market.connect(caller).addParameters(defaultParameters, [])
        await expectRevert(world, sending, 'OwnableUnauthorizedAccount', [caller.address])
      })
    }

    for (const [field, min, max] of BOUNDS) {
      it(`accepts ${field} = ${min} and ${max}`, async () => {
        await add({ [field]: min })
        await add({ [field]: max })
      })

      it(`refuses ${field} = ${max + 1n}`, async () => {
        await expectOutOfRange(world, add({ [field]: max + 1n }), field, [max + 1n, min, max])
      })

      if (min !== 0n) {
        it(`refuses ${field} = ${min - 1n}`, async () => {
          await expectOutOfRange(world, add({ [field]: min - 1n }), field, [min - 1n, min, max])
        })
      }
    }

    it('lets the gas schedule of lateness be all of the least bond, and not a unit more', async () => {
      const most = { lateRequesterGas: 3n, lateKeeperGas: 4n }
      await add({ ...most, minBond: 7n })
      await expectOutOfRange(world, add({ ...most, minBond: 6n }), 'lateGas', [7n, 0n, 6n])
    })

    it('does not let the sum of that schedule overflow', async () => {
      const gas = { lateRequesterGas: MAX_UNITS, lateKeeperGas: MAX_UNITS }
      const sending = add({ ...gas, minBond: MAX_UNITS })
      await expectOutOfRange(world, sending, 'lateGas', [2n * MAX_UNITS, 0n, MAX_UNITS])
    })

    it('accepts 256 hooks and refuses 257', async () => {
      const { eve } = world.actors
      await add({}, Array(256).fill(eve.address))
      expect(await world.market.hookOf(1n, 255n)).to.equal(eve.address)
      await expectOutOfRange(world, add({}, Array(257).fill(eve.address)), 'hooks', [257n, 0n, 256n])
    })

    it('reverts with ParameterSetsExhausted after 4,096 sets: a job has 12 bits for the number', async () => {
      await writeWord(world, slotOf('parameterSets'), 4_095n)
      await add()
      expect((await world.market.currentParameters()).id).to.equal(4_095n)
      await expectRevert(world, add(), 'ParameterSetsExhausted', [4_096n])
    })

    it('holds the constructor to the same bounds', async () => {
      await expectOutOfRange(world, deployMarket({ parameters: { feeBps: 1_001n } }), 'feeBps', [
        1_001n,
        0n,
        1_000n,
      ])
    })
  })

  describe('parametersOf', () => {
    it('reverts with ParameterSetUnknown for a number that is not given yet', async () => {
      await expectRevert(world, world.market.parametersOf(1n), 'ParameterSetUnknown', [1n, 1n])
      const far = 2n ** 256n - 1n
      await expectRevert(world, world.market.parametersOf(far), 'ParameterSetUnknown', [far, 1n])
    })
  })

  describe('pausePosting and resumePosting', () => {
    it('say who paused and who resumed', async () => {
      const { market, actors } = world
      const { owner } = actors
      await expect(market.connect(owner).pausePosting())
        .to.emit(market, 'PostingPaused')
        .withArgs(owner.address)
      expect(await market.currentParameters()).to.deep.equal([0n, true])
      await expect(market.connect(owner).resumePosting())
        .to.emit(market, 'PostingResumed')
        .withArgs(owner.address)
      expect(await market.currentParameters()).to.deep.equal([0n, false])
    })

    for (const who of ['treasury', 'requester', 'provider', 'hook', 'eve'] as const) {
      it(`revert with OwnableUnauthorizedAccount for ${who}`, async () => {
        const market = world.market.connect(world.actors[who])
        const values = [world.actors[who].address]
        await expectRevert(world, market.pausePosting(), 'OwnableUnauthorizedAccount', values)
        await expectRevert(world, market.resumePosting(), 'OwnableUnauthorizedAccount', values)
      })
    }
  })
})

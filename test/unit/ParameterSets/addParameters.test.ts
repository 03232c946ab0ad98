import { expect } from 'chai'
import { expectOutOfRange, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters, MAX_UNITS, type Parameters } from '../../helpers/defaults.ts'
import {
  ATTESTED,
  busyMarket,
  createMarket,
  delegate,
  deployMarket,
  MOCKED,
  NOT_OFFERED,
  REPLICATED,
  type World,
} from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { plain } from '../../helpers/plain.ts'
import { entryOf, fieldOf, readWord, slotOf, writeWord } from '../../helpers/storage.ts'
import { DAY } from '../../helpers/time.ts'

const WEEK = 7n * DAY

/** `[field, least, most]`, where the most is below what the field's bits could hold. */
const BOUNDS = [
  ['feeBps', 0n, 1_000n],
  ['bondBps', 2_000n, 50_000n],
  ['surchargeBps', 0n, 30_000n],
  ['latenessBps', 0n, 2_000n],
  ['minRun', 1n, WEEK],
  ['minWindow', 1n, WEEK],
  ['keyTime', 1n, DAY],
] as const

describe('ParameterSets', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const add = (overrides: Partial<Parameters> = {}, levels: { hook: string; isMediated: boolean }[] = []) =>
    govern(world, 'addParameters', [{ ...defaultParameters, ...overrides }, levels])

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
    keyTime: DAY - 2n,
  }

  it('starts with the set of the constructor, its levels, and posting not paused', async () => {
    const { market, actors, assurance, attestation, replication } = world
    expect(await market.currentParameters()).to.deep.equal([0n, false])
    expect(plain(await market.parametersOf(0n))).to.deep.equal(defaultParameters)
    expect(await market.levelOf(0n, 0n)).to.deep.equal([actors.hook.address, false])
    expect(await market.levelOf(0n, ATTESTED)).to.deep.equal([await attestation.getAddress(), false])
    expect(await market.levelOf(0n, REPLICATED)).to.deep.equal([await replication.getAddress(), true])
    expect(await market.levelOf(0n, MOCKED)).to.deep.equal([await assurance.getAddress(), false])
    expect(await market.levelOf(0n, NOT_OFFERED)).to.deep.equal([ethers.ZeroAddress, false])
  })

  // JM-52
  describe('addParameters', () => {
    it('stores the set under the next number and makes it current', async () => {
      const { market, actors } = world
      const { hook, eve } = actors
      await delegate(eve.address)
      const levels = [
        { hook: ethers.ZeroAddress, isMediated: false },
        { hook: eve.address, isMediated: true },
      ]
      const by = new ethers.VoidSigner(await world.timelock.getAddress(), ethers.provider)
      expect(await market.connect(by).addParameters.staticCall(other, levels)).to.equal(1n)
      await add(other, levels)
      expect(await market.currentParameters()).to.deep.equal([1n, false])
      expect(plain(await market.parametersOf(1n))).to.deep.equal(other)
      expect(await market.levelOf(1n, 0n)).to.deep.equal([ethers.ZeroAddress, false])
      expect(await market.levelOf(1n, 1n)).to.deep.equal([eve.address, true])
      expect(plain(await market.parametersOf(0n))).to.deep.equal(defaultParameters)
      expect(await market.levelOf(0n, 0n)).to.deep.equal([hook.address, false])
    })

    it('emits ParametersAdded', async () => {
      const { market, actors } = world
      await delegate(actors.eve.address)
      await expect(add(other, [{ hook: actors.eve.address, isMediated: true }]))
        .to.emit(market, 'ParametersAdded')
        .withArgs(1n, Object.values(other), [[actors.eve.address, true]])
    })

    it('keeps posting paused, and the guardian', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      await add(other)
      expect(await world.market.currentParameters()).to.deep.equal([1n, true])
      expect(await world.market.guardian()).to.equal(world.actors.owner.address)
    })

    it('changes no word of the sets before', async () => {
      const words = async () => {
        const set = entryOf(slotOf('sets'), 0n)
        const levels = entryOf(slotOf('levels'), 0n)
        const slots = [set, set + 1n, ...[0n, 1n, 2n, 3n, 4n].map((level) => entryOf(levels, level))]
        return Promise.all(slots.map((slot) => readWord(world, slot)))
      }
      const before = await words()
      expect(before.filter((each) => each !== 0n).length).to.equal(6)
      await add(other, [{ hook: await world.replication.getAddress(), isMediated: true }])
      await add(other, [])
      expect(await words()).to.deep.equal(before)
    })

    it('copies what posting needs of the set, and takes nothing of the one before', async () => {
      const copyOf = async () => {
        const word = await readWord(world, slotOf('posting'))
        const fields = ['parametersId', 'feeBps', 'minRun', 'minWindow'] as const
        return fields.map((field) => fieldOf(`Posting.${field}`, word))
      }
      await add(other)
      expect(await copyOf()).to.deep.equal([1n, other.feeBps, other.minRun, other.minWindow])
      await add()
      const { feeBps, minRun, minWindow } = defaultParameters
      expect(await copyOf()).to.deep.equal([2n, feeBps, minRun, minWindow])
    })

    for (const who of ['owner', 'treasury', 'requester', 'provider', 'hook', 'eve'] as const) {
      it(`reverts with GovernedNotTimelock for ${who}`, async () => {
        const caller = world.actors[who]
        const sending = world.market.connect(caller).addParameters(defaultParameters, [])
        const values = [caller.address, await world.timelock.getAddress()]
        await expectRevert(world, sending, 'GovernedNotTimelock', values)
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

    it('accepts 16 levels and refuses 17: a signed job has 4 bits for the level', async () => {
      const level = { hook: world.actors.hook.address, isMediated: true }
      await add({}, Array(16).fill(level))
      expect(await world.market.levelOf(1n, 15n)).to.deep.equal([level.hook, true])
      await expectOutOfRange(world, add({}, Array(17).fill(level)), 'levels', [17n, 0n, 16n])
    })

    // JM-56
    describe('given a hook without code', () => {
      const without = ethers.getAddress(ethers.dataSlice(ethers.id('no code'), 12))
      const none = { hook: ethers.ZeroAddress, isMediated: false }

      for (const level of [0n, 1n, 2n, 15n]) {
        for (const isMediated of [false, true]) {
          it(`refuses it at level ${level}, ${isMediated ? '' : 'not '}mediated`, async () => {
            const levels = [...Array(Number(level)).fill(none), { hook: without, isMediated }]
            await expectRevert(world, add({}, levels), 'ParameterSetHookWithoutCode', [level, without])
            expect((await world.market.currentParameters()).id).to.equal(0n)
          })
        }
      }

      it('names the first of several', async () => {
        const levels = [
          none,
          { hook: without, isMediated: true },
          { hook: world.actors.eve.address, isMediated: true },
        ]
        await expectRevert(world, add({}, levels), 'ParameterSetHookWithoutCode', [1n, without])
      })

      it('is told by one byte of code', async () => {
        await networkHelpers.setCode(without, '0x00')
        await add({}, [none, { hook: without, isMediated: false }])
        expect(await world.market.levelOf(1n, 1n)).to.deep.equal([without, false])
      })

      it('takes levels that are not offered', async () => {
        await add({}, [none, none, { ...none, isMediated: true }])
        expect(await world.market.levelOf(1n, 2n)).to.deep.equal([ethers.ZeroAddress, true])
      })

      it('holds the constructor to it, too', async () => {
        const { token, timelock, actors } = world
        const [owner, args] = [actors.owner.address, [await token.getAddress(), await timelock.getAddress()]]
        const levels = [none, { hook: without, isMediated: false }]
        const sending = createMarket([...args, owner, owner, defaultParameters, levels])
        await expectRevert(world, sending, 'ParameterSetHookWithoutCode', [1n, without])
      })
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
})

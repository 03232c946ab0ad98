import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, FUNDS, MAX_UNITS } from '../../helpers/defaults.ts'
import { busyMarket, emptyMarket, fund, type World } from '../../helpers/fixtures.ts'
import { seatedGroup } from '../../helpers/groups.ts'
import {
  awaitingKey,
  claimed,
  claimedSigned,
  disputed,
  type Job,
  runBy,
  submitted,
} from '../../helpers/jobs.ts'
import { accountSlot, readWord, withField, writeWord } from '../../helpers/storage.ts'
import { at } from '../../helpers/time.ts'

const ENOUGH = 2n ** 256n - 1n

describe('Providers.stake', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const stake = (amount: bigint) => world.market.connect(world.actors.eve).stake(amount)

  it('moves units from the balance to the stake', async () => {
    await expectMoney(world, { eve: { balance: -7n, stake: 7n } }, () => stake(7n))
  })

  it('moves the whole balance', async () => {
    const all = FUNDS.balance
    await expectMoney(world, { eve: { balance: -all, stake: all } }, () => stake(all))
  })

  it('emits Staked', async () => {
    await expect(stake(7n)).to.emit(world.market, 'Staked').withArgs(world.actors.eve.address, 7n)
  })

  it('changes nothing for nothing', async () => {
    await expectMoney(world, {}, () => stake(0n))
  })

  for (const amount of [FUNDS.balance + 1n, 2n ** 80n, ENOUGH]) {
    it(`reverts with AccountInsufficientBalance for ${amount}`, async () => {
      await expectRevert(world, stake(amount), 'AccountInsufficientBalance', [FUNDS.balance, amount])
    })
  }

  it('takes all that a market can hold', async () => {
    world = await networkHelpers.loadFixture(emptyMarket)
    await fund(world, world.actors.eve, MAX_UNITS)
    await expectMoney(world, { eve: { balance: -MAX_UNITS, stake: MAX_UNITS } }, () => stake(MAX_UNITS))
  })

  // JM-4
  it('reverts with AccountOverflow rather than carry into the next field, were a word ever too full', async () => {
    const slot = accountSlot(world.actors.eve.address)
    await writeWord(world, slot, withField('Account.stake', await readWord(world, slot), MAX_UNITS - 5n))
    await expectRevert(world, stake(6n), 'AccountOverflow', [MAX_UNITS + 1n])
    await stake(5n)
    expect((await world.market.accountOf(world.actors.eve)).stake).to.equal(MAX_UNITS)
  })

  // JM-4
  it('credits no balance past its field either', async () => {
    const slot = accountSlot(world.actors.eve.address)
    await world.market.connect(world.actors.eve).stake(10n)
    await writeWord(world, slot, withField('Account.balance', await readWord(world, slot), MAX_UNITS - 5n))
    const sending = world.market.connect(world.actors.eve).unstake(6n)
    await expectRevert(world, sending, 'AccountOverflow', [MAX_UNITS + 1n])
  })
})

describe('Providers.unstake', () => {
  let world: World

  const unstake = (amount: bigint) => world.market.connect(world.actors.provider).unstake(amount)

  // JM-7
  describe('given stake that no claim has locked', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
    })

    it('moves units back to the balance at once', async () => {
      await expectMoney(world, { provider: { balance: 7n, stake: -7n } }, () => unstake(7n))
    })

    it('moves all of it', async () => {
      const all = FUNDS.stake
      await expectMoney(world, { provider: { balance: all, stake: -all } }, () => unstake(all))
    })

    it('emits Unstaked', async () => {
      await expect(unstake(7n)).to.emit(world.market, 'Unstaked').withArgs(world.actors.provider.address, 7n)
    })

    for (const amount of [FUNDS.stake + 1n, ENOUGH]) {
      it(`reverts with AccountInsufficientStake for ${amount}`, async () => {
        await expectRevert(world, unstake(amount), 'AccountInsufficientStake', [FUNDS.stake, amount])
      })
    }

    it('is possible while posting is paused', async () => {
      await world.market.connect(world.actors.owner).pausePosting()
      await unstake(FUNDS.stake)
    })
  })

  // JM-7
  describe('given a bond', () => {
    let job: Job
    let free: bigint
    let bond: bigint

    const seated = async (w: World) => (await seatedGroup(w, [w.actors.provider])).jobs[0] as Job
    const given = async (load: (world: World) => Promise<Job>) => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await load(world)
      bond = (await world.market.getJob(job.jobId)).bond
      free = FUNDS.stake - bond
    }

    for (const [status, load] of [
      ['claimed', claimed],
      ['agreed by signature', claimedSigned],
      ['waiting for its key', awaitingKey],
      ['a seat', seated],
      ['submitted', submitted],
      ['disputed', disputed],
    ] as const) {
      it(`leaves it locked while the job is ${status}`, async () => {
        await given(load)
        await expectRevert(world, unstake(free + 1n), 'AccountInsufficientStake', [free, free + 1n])
        await expectMoney(world, { provider: { balance: free, stake: -free } }, () => unstake(free))
      })
    }

    it('leaves it locked while the job is overdue, until somebody fails it', async () => {
      await given(claimed)
      const { market, actors } = world
      const sending = at(runBy(job) + 1n, () => unstake(free + 1n))
      await expectRevert(world, sending, 'AccountInsufficientStake', [free, free + 1n])
      await market.connect(actors.keeper).fail(job.jobId)
      const { stake } = await market.accountOf(actors.provider)
      await unstake(stake)
    })

    it('frees it when the job is settled', async () => {
      await given(submitted)
      const { market, actors } = world
      await unstake(free)
      const paid = { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE }
      await expectMoney(world, { provider: paid }, () => market.connect(actors.requester).accept(job.jobId))
      await unstake(bond)
    })

    it('can be all the stake that a provider loses, when nothing else is left', async () => {
      await given(disputed)
      const { market, actors } = world
      await unstake(free)
      await market.connect(actors.hook).reject(job.jobId, 0n)
      const { stake, locked, active } = await market.accountOf(actors.provider)
      expect([stake, locked, active]).to.deep.equal([0n, 0n, 0n])
    })
  })
})

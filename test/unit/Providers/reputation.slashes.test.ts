import { expect } from 'chai'
import { expectMoney } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { MAX_UNITS, defaultParameters as p, TOKEN } from '../../helpers/defaults.ts'
import { claimed, disputed, type Job, type JobOptions, runBy } from '../../helpers/jobs.ts'
import { asMediator, MEDIATED, type MediatedWorld, mediatedMarket } from '../../helpers/mediated.ts'
import { bondFor, min } from '../../helpers/reference.ts'
import { profileSlot, readWord, withField, writeWord } from '../../helpers/storage.ts'
import { at, now } from '../../helpers/time.ts'

const PRICE = 7_000_003n
const fixed = (terms: JobOptions['terms'] = {}) => ({ terms: { maxPrice: PRICE, ramp: 0n, ...terms } })

/** The bond of that price without any surcharge, at a `bondBps` of 100 %: no reputation takes it lower. */
const BASE_BOND = PRICE

/** Nothing, some, much, and all there can be. */
const reputations = [0n, TOKEN, 100n * TOKEN, 10_000n * TOKEN, MAX_UNITS]

describe('Providers: what a slash takes, whatever the reputation', () => {
  let world: MediatedWorld

  const given = async (reputation: bigint) => {
    world = await networkHelpers.loadFixture(mediatedMarket)
    const slot = profileSlot(world.actors.provider.address)
    const dated = withField('Profile.reputationAt', await readWord(world, slot), await now())
    await writeWord(world, slot, withField('Profile.reputation', dated, reputation))
    expect((await world.market.providerOf(world.actors.provider)).reputation).to.equal(reputation)
  }
  const bondOf = async ({ jobId }: Job) => (await world.market.getJob(jobId)).bond

  for (const reputation of reputations) {
    describe(`given a reputation of ${reputation}`, () => {
      beforeEach(() => given(reputation))

      // JM-51
      it('asks for the bond of the formula, which is never below its base', async () => {
        const bond = await bondOf(await claimed(world, fixed()))
        expect(bond).to.equal(bondFor(p, PRICE, reputation))
        expect(bond >= BASE_BOND).to.equal(true)
      })

      // JM-51
      it('takes a fifth of the bond for lateness, divided by the same schedule', async () => {
        const job = await claimed(world, fixed())
        const bond = await bondOf(job)
        const total = bond / 5n
        await expectMoney(
          world,
          {
            requester: { balance: PRICE + p.lateRequesterGas },
            keeper: { balance: p.lateKeeperGas },
            provider: { stake: -total, locked: -bond, active: -1n },
            reserve: total - p.lateRequesterGas - p.lateKeeperGas,
          },
          () => at(runBy(job) + 1n, () => world.market.connect(world.actors.keeper).fail(job.jobId)),
        )
      })

      // JM-51
      it('takes the whole bond for fraud, in the same shares', async () => {
        const job = await disputed(world, fixed())
        const bond = await bondOf(job)
        const toRequester = min(PRICE, (bond * 3n) / 10n)
        await expectMoney(
          world,
          {
            requester: { balance: PRICE + toRequester },
            hook: { balance: bond / 5n },
            provider: { stake: -bond, locked: -bond, active: -1n },
            reserve: bond - toRequester - bond / 5n,
          },
          () => world.market.connect(world.actors.hook).reject(job.jobId, 0n),
        )
      })

      // JM-51
      it('takes 2 % of the price for a release, and the price for a seat that lost', async () => {
        const { market, actors } = world
        const released = await claimed(world, fixed())
        const stakeOf = async () => (await market.accountOf(actors.provider)).stake
        const stake = await stakeOf()
        await market.connect(actors.provider).release(released.jobId)
        expect(stake - (await stakeOf())).to.equal(PRICE / 50n)
        const seat = await claimed(world, fixed({ level: MEDIATED }))
        await asMediator(world, 'conclude', [seat.jobId, ethers.ZeroHash, 0n, true])
        expect(stake - (await stakeOf())).to.equal(PRICE / 50n + PRICE)
      })
    })
  }
})

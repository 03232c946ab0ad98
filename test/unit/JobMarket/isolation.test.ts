import { expect } from 'chai'
import hre from 'hardhat'
import { expectMoney } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, DEFAULT_PRICE, defaultParameters, FUNDS } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { claimed, disputed, draft, post, runBy, submitted } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'
import { splitFraud, splitLateness } from '../../helpers/reference.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { jobIdOf, packTerms } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('JobMarket: jobs do not touch each other', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const jobOf = async (jobId: string) => plain(await world.market.getJob(jobId))
  const bondOf = async (jobId: string) => (await world.market.getJob(jobId)).bond

  it('of the same provider for two requesters: a late one leaves the other as it was', async () => {
    const { market, actors } = world
    const late = await claimed(world, { terms: { run: 1_000n } })
    const other = await submitted(world, { requester: actors.eve })
    const before = await jobOf(other.jobId)
    const bond = await bondOf(late.jobId)
    const { total, toRequester, toKeeper, toReserve } = splitLateness(world.parameters, bond)
    await expectMoney(
      world,
      {
        requester: { balance: DEFAULT_PRICE + toRequester },
        keeper: { balance: toKeeper },
        provider: { stake: -total, locked: -bond, active: -1n },
        reserve: toReserve,
      },
      () => at(runBy(late) + 1n, () => market.connect(actors.keeper).fail(late.jobId)),
    )
    expect(await jobOf(other.jobId)).to.deep.equal(before)
  })

  it('of the same provider: fraud in one takes the bond of that one', async () => {
    const { market, actors } = world
    const wrong = await disputed(world)
    const right = await submitted(world)
    const [bond, kept] = [await bondOf(wrong.jobId), await bondOf(right.jobId)]
    const { toRequester, toHook, toReserve } = splitFraud(bond, DEFAULT_PRICE, 0n)
    await expectMoney(
      world,
      {
        requester: { balance: DEFAULT_PRICE + toRequester },
        hook: { balance: toHook },
        provider: { stake: -bond, locked: -bond, active: -1n },
        reserve: toReserve,
      },
      () => market.connect(actors.hook).reject(wrong.jobId, 0n),
    )
    const paid = { balance: DEFAULT_PAY, locked: -kept, active: -1n, feeOwed: DEFAULT_FEE }
    await expectMoney(world, { provider: paid }, () => market.connect(actors.requester).accept(right.jobId))
  })

  it('of the same requester for two providers: one is paid while the other is late', async () => {
    const { market, actors } = world
    const mine = await submitted(world)
    const theirs = await claimed(world, { provider: actors.rival })
    const before = await jobOf(theirs.jobId)
    const paid = {
      balance: DEFAULT_PAY,
      locked: -(await bondOf(mine.jobId)),
      active: -1n,
      feeOwed: DEFAULT_FEE,
    }
    await expectMoney(world, { provider: paid }, () => market.connect(actors.requester).accept(mine.jobId))
    expect(await jobOf(theirs.jobId)).to.deep.equal(before)
  })

  it('of one market and another with the same token: neither sees the other', async () => {
    const other = await busyMarket()
    const job = await post(world)
    expect(await other.market.statusOf(job.jobId)).to.equal(statusNumber('None'))
    expect((await other.market.accountOf(other.actors.requester)).balance).to.equal(FUNDS.requester)
  })

  // JM-11
  it('of one chain and another: the same terms at the same address have another id', async () => {
    const chainId = 31_338
    const connection = await hre.network.create({ override: { chainId } })
    const [owner] = await connection.ethers.getSigners()
    const address = (owner as { address: string }).address
    const token = await connection.ethers.deployContract('AssayToken', [address, 1n])
    const store = await connection.ethers.deployContract('ParameterStore')
    const timelock = await connection.ethers.deployContract('TimelockController', [0n, [], [], address])
    const args = [
      ...[await token.getAddress(), await timelock.getAddress(), address, address],
      ...[defaultParameters, []],
    ]
    const libraries = { ParameterStore: await store.getAddress() }
    const market = await connection.ethers.deployContract('JobMarket', args, { libraries })
    const terms = packTerms(await draft())
    const id = await market.jobIdOf(address, terms)
    expect(id).to.equal(jobIdOf(BigInt(chainId), await market.getAddress(), address, terms))
    expect(id).to.not.equal(jobIdOf(31_337n, await market.getAddress(), address, terms))
    await connection.close()
  })
})

import { expect } from 'chai'
import type { ReceiverMock } from '../../types/ethers-contracts/index.ts'
import type { Role } from '../helpers/actors.ts'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { type Encode, encoderOf } from '../helpers/callbacks.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { agreed, claimed, draft, runBy } from '../helpers/jobs.ts'
import { purseOf } from '../helpers/money.ts'
import { splitLateness } from '../helpers/reference.ts'
import { signRequest } from '../helpers/signing.ts'
import { jobIdOf, packTerms } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

const DATA = '0x01'

describe('A receiver of transfers that calls back', () => {
  let world: World
  let receiver: ReceiverMock
  let thief: string
  let call: Encode

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    receiver = await ethers.deployContract('ReceiverMock')
    thief = await receiver.getAddress()
    call = encoderOf(world.market.interface)
  })

  const eve = () => world.market.connect(world.actors.eve)
  const purse = () => purseOf(world, thief)

  /** Eve sends 7 units; while the receiver is told, it makes these calls of the market. Both are in it together. */
  const strike = async (...calls: [string, unknown[]][]) => {
    await receiver.arm(
      world.address,
      calls.map(([name, args]) => call(name, args)),
    )
    const profit = await profitOf(world, [thief, world.actors.eve.address], () =>
      eve().transfer(thief, 7n, DATA),
    )
    await expectSolvent(world)
    return profit
  }

  /** As {@link strike}, where the calls insist on more than there is. */
  const refused = async (calls: [string, unknown[]][], values: readonly bigint[]) => {
    const before = await purseOf(world, world.actors.eve.address)
    await receiver.arm(
      world.address,
      calls.map(([name, args]) => call(name, args)),
    )
    await expectRevert(world, eve().transfer(thief, 7n, DATA), 'AccountInsufficientBalance', values)
    expect(await purseOf(world, world.actors.eve.address)).to.deep.equal(before)
    expect((await purse()).balance).to.equal(0n)
    await expectSolvent(world)
  }

  // JM-58
  it('takes out what it received, once', async () => {
    expect(await strike(['withdraw', [thief, 7n]])).to.equal(0n)
    expect([(await purse()).balance, await world.token.balanceOf(thief)]).to.deep.equal([0n, 7n])
    await refused([['withdraw', [thief, 8n]]], [7n, 8n])
    const both: [string, unknown[]][] = [
      ['withdraw', [thief, 7n]],
      ['withdraw', [thief, 1n]],
    ]
    await refused(both, [0n, 1n])
  })

  // JM-58
  it('sends it back, on, or to itself, and has not a unit more', async () => {
    const { eve: sender, keeper } = world.actors
    expect(await strike(['transfer', [sender.address, 7n, '0x']])).to.equal(0n)
    expect((await purse()).balance).to.equal(0n)
    expect(await strike(['transfer', [keeper.address, 5n, '0x']])).to.equal(-5n)
    expect((await purse()).balance).to.equal(2n)
    expect(await strike(['transfer', [thief, 9n, DATA]], ['transfer', [thief, 9n, '0x']])).to.equal(0n)
    expect((await purse()).balance).to.equal(9n)
    expect(await strike(['transfer', [world.address, 16n, '0x']])).to.equal(-16n)
    expect(await world.market.reserve()).to.equal(16n)
    await refused([['transfer', [sender.address, 8n, '0x']]], [7n, 8n])
  })

  // JM-58
  it('stakes it, or posts a job of it, and it counts once', async () => {
    expect(await strike(['stake', [5n]], ['unstake', [2n]])).to.equal(0n)
    expect(await purse()).to.deep.include({ balance: 4n, stake: 3n })
    const terms = packTerms(await draft({ maxPrice: 11n }))
    expect(await strike(['post', [terms]])).to.equal(-11n)
    expect((await purse()).balance).to.equal(0n)
    const { chainId } = await ethers.provider.getNetwork()
    const { requester, maxPrice } = await world.market.getJob(jobIdOf(chainId, world.address, thief, terms))
    expect([requester, maxPrice]).to.deep.equal([thief, 11n])
    await refused([['stake', [8n]]], [7n, 8n])
  })

  // JM-58
  it('moves it on and then refuses: nothing has happened', async () => {
    await receiver.setManner(6)
    const before = await world.market.accountOf(world.actors.keeper)
    await receiver.arm(world.address, [call('transfer', [world.actors.keeper.address, 7n, '0x'])])
    await expect(eve().transfer(thief, 7n, DATA)).to.be.revertedWithCustomError(
      receiver,
      'ReceiverMockRefuses',
    )
    expect(await world.market.accountOf(world.actors.keeper)).to.deep.equal(before)
    expect((await purse()).balance).to.equal(0n)
    expect((await purseOf(world, world.actors.eve.address)).balance).to.equal(FUNDS.balance)
  })
})

describe('Moving a balance', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const as = (who: Role) => world.market.connect(world.actors[who])
  const addressOf = (who: Role) => world.actors[who].address

  // JM-57
  it('in circles makes nobody richer', async () => {
    const circle: Role[] = ['eve', 'keeper', 'hook', 'provider', 'eve']
    const profit = await profitOf(world, addressesOf(world, ...circle), async () => {
      for (const [i, who] of circle.slice(0, -1).entries()) {
        const { balance } = await world.market.accountOf(addressOf(who))
        await as(who).transfer(addressOf(circle[i + 1] as Role), balance, '0x')
      }
    })
    expect(profit).to.equal(0n)
    await expectSolvent(world)
  })

  // JM-9, JM-57
  it('into the reserve is for good', async () => {
    const profit = await profitOf(world, addressesOf(world, 'eve', 'owner', 'treasury'), async () => {
      await as('eve').transfer(world.address, FUNDS.balance, '0x')
      await expectRevert(world, as('eve').withdraw(addressOf('eve'), 1n), 'AccountInsufficientBalance', [
        0n,
        1n,
      ])
      await expectRevert(world, as('owner').collectFees([world.address]), 'LedgerNothingToCollect')
    })
    expect(profit).to.equal(-FUNDS.balance)
    expect(await world.market.reserve()).to.equal(FUNDS.balance)
    await expectSolvent(world)
  })

  it('away after signing a request: there is no job', async () => {
    const job = await agreed(world)
    const signature = await signRequest(world, world.actors.requester, job.terms)
    const profit = await profitOf(world, addressesOf(world, 'requester', 'eve'), async () => {
      await as('requester').transfer(addressOf('eve'), FUNDS.requester, '0x')
      const taking = as('provider').claimSigned(addressOf('requester'), true, job.terms, signature)
      await expectRevert(world, taking, 'AccountInsufficientBalance', [0n, job.fields.maxPrice])
    })
    expect(profit).to.equal(0n)
  })

  // JM-7, JM-49
  it('away before a slash saves nothing of it: bonds are of stake', async () => {
    const job = await claimed(world)
    const { bond } = await world.market.getJob(job.jobId)
    const { total } = splitLateness(world.parameters, bond)
    const profit = await profitOf(world, addressesOf(world, 'provider', 'eve'), async () => {
      await as('provider').transfer(addressOf('eve'), FUNDS.balance, '0x')
      await at(runBy(job) + 1n, () => as('keeper').fail(job.jobId))
    })
    expect(profit).to.equal(-total)
    await expectSolvent(world)
  })

  // JM-58
  it('with data makes the market say one thing only, which moves no tokens and no job', async () => {
    const { token, timelock, attestation, replication, assurance, address, actors } = world
    const { interface: receiver } = await ethers.getContractFactory('ReceiverMock')
    const { selector } = receiver.getFunction('ledgerTransferReceived') as { selector: string }
    const loot = token.interface.encodeFunctionData('transfer', [actors.eve.address, FUNDS.balance])
    const before = [await token.balanceOf(address), await token.balanceOf(actors.eve)]
    for (const contract of [token, timelock, attestation, replication, assurance]) {
      expect(contract.interface.hasFunction(selector)).to.equal(false)
      const to = await contract.getAddress()
      await expectRevert(world, as('eve').transfer(to, 7n, loot), 'LedgerTransferRefused', [to])
    }
    expect([await token.balanceOf(address), await token.balanceOf(actors.eve)]).to.deep.equal(before)
  })

  // JM-58
  it('to what answers by repeating the question is refused', async () => {
    const identity = ethers.toBeHex(4, 20)
    const sending = as('eve').transfer(identity, 7n, DATA)
    await expectRevert(world, sending, 'LedgerTransferRefused', [identity])
  })
})

import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE } from '../../helpers/defaults.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { settled } from '../../helpers/jobs.ts'
import { plain } from '../../helpers/plain.ts'

describe('Ledger.collectFees', () => {
  let world: World
  let provider: string
  let rival: string

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    provider = world.actors.provider.address
    rival = world.actors.rival.address
  })

  const collect = (...providers: string[]) => world.market.connect(world.actors.eve).collectFees(providers)

  // JM-10
  describe('given two providers that owe fees', () => {
    beforeEach(async () => {
      await settled(world)
      await settled(world)
      await settled(world, { provider: world.actors.rival })
    })

    it('moves them to the recipient, whoever calls', async () => {
      await expectMoney(
        world,
        {
          provider: { feeOwed: -2n * DEFAULT_FEE },
          rival: { feeOwed: -DEFAULT_FEE },
          treasury: { balance: 3n * DEFAULT_FEE },
        },
        () => collect(provider, rival),
      )
    })

    it('emits FeesCollected for each', async () => {
      const { market, actors } = world
      const transaction = await collect(provider, rival)
      const treasury = actors.treasury.address
      await expect(transaction)
        .to.emit(market, 'FeesCollected')
        .withArgs(provider, treasury, 2n * DEFAULT_FEE)
      await expect(transaction).to.emit(market, 'FeesCollected').withArgs(rival, treasury, DEFAULT_FEE)
    })

    it('takes them once from a provider named twice', async () => {
      const changes = {
        provider: { feeOwed: -2n * DEFAULT_FEE },
        treasury: { balance: 2n * DEFAULT_FEE },
      }
      await expectMoney(world, changes, () => collect(provider, provider))
    })

    it('passes over one that owes nothing', async () => {
      const { keeper, treasury } = world.actors
      const transaction = await collect(keeper.address, rival)
      const logs = (await transaction.wait())?.logs ?? []
      expect(logs).to.have.length(1)
      expect((await world.market.accountOf(treasury)).balance).to.equal(DEFAULT_FEE)
    })

    it('leaves reputation and everything declared as it is', async () => {
      const before = await world.market.providerOf(provider)
      await collect(provider)
      const after = await world.market.providerOf(provider)
      expect(plain(after)).to.deep.equal({ ...plain(before), feeOwed: 0n })
    })

    it('pays who is the recipient now, not when the fee arose', async () => {
      await govern(world, 'setFeeRecipient', [world.actors.keeper.address])
      const changes = { rival: { feeOwed: -DEFAULT_FEE }, keeper: { balance: DEFAULT_FEE } }
      await expectMoney(world, changes, () => collect(rival))
    })

    it('pays a recipient that owes the fee itself', async () => {
      await govern(world, 'setFeeRecipient', [rival])
      const changes = { rival: { feeOwed: -DEFAULT_FEE, balance: DEFAULT_FEE } }
      await expectMoney(world, changes, () => collect(rival))
    })
  })

  describe('given nobody owes a fee', () => {
    it('reverts with LedgerNothingToCollect', async () => {
      await expectRevert(world, collect(provider, rival), 'LedgerNothingToCollect')
    })

    it('reverts with LedgerNothingToCollect for an empty list', async () => {
      await expectRevert(world, collect(), 'LedgerNothingToCollect')
    })

    it('reverts the second time', async () => {
      await settled(world)
      await collect(provider)
      await expectRevert(world, collect(provider), 'LedgerNothingToCollect')
    })
  })
})

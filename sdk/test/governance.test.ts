import { expect } from 'chai'
import { toHex } from 'viem'
import {
  AccessControlUnauthorizedAccountError,
  addParameters,
  GovernedNotGuardianError,
  type MarketClient,
  setFeeRecipient,
  setGuardian,
  TimelockInsufficientDelayError,
  TimelockUnexpectedOperationStateError,
  ValueOutOfRangeError,
} from '../src/index.ts'
import { startChain, type TestChain, timelockDelay } from './helpers/chain.ts'
import { rejection } from './helpers/rejection.ts'

describe('governance', () => {
  let chain: TestChain
  let governor: MarketClient
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    governor = chain.client('owner')
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  const recipientCall = () =>
    setFeeRecipient.call({ market: chain.market, recipient: chain.accounts.eve.address })

  it('is read from the market', async () => {
    const { address } = chain.accounts.owner
    expect(await governor.getGovernance()).to.deep.include({
      ...{ minDelay: BigInt(timelockDelay), guardian: address, feeRecipient: address },
    })
  })

  describe('a change of the rules', () => {
    it('waits in public, then becomes the set of new jobs', async () => {
      const { id: _, current: __, paused: ___, ...rules } = await governor.getParameters()
      const changed = { ...rules, feeBps: 50, keyTime: 90 }
      const call = addParameters.call({ market: chain.market, rules: changed, levels: chain.levels })
      expect(await governor.getScheduledCall({ call })).to.include({ state: 'unscheduled', readyAt: null })
      const { id, delay } = await governor.scheduleCallSync({ call })
      expect(delay).to.equal(BigInt(timelockDelay))
      const readyAt = (await chain.now()) + timelockDelay
      expect(await governor.getScheduledCall({ call })).to.deep.equal({ id, state: 'waiting', readyAt })
      await rejection(governor.executeCall({ call }), TimelockUnexpectedOperationStateError)

      await chain.pass(timelockDelay)
      expect(await governor.getScheduledCall({ call })).to.include({ state: 'ready' })
      const { receipt } = await governor.executeCallSync({ call })
      const { args } = addParameters.extractEvent(receipt.logs)
      expect(args.id).to.equal(1n)
      expect(await governor.getParameters()).to.deep.equal({
        ...changed,
        id: 1,
        current: true,
        paused: false,
      })
      expect(await governor.getLevel({ level: 'replicated' })).to.include({ hook: chain.replication })
      expect(await governor.getScheduledCall({ call })).to.include({ state: 'done', readyAt: null })
    })

    it('is refused for what the market refuses', async () => {
      const rules = await governor.getParameters()
      const call = addParameters.call({ market: chain.market, rules: { ...rules, feeBps: 1_001 } })
      await governor.scheduleCallSync({ call })
      await chain.pass(timelockDelay)
      const error = await rejection(governor.executeCall({ call }), ValueOutOfRangeError)
      expect(error).to.include({ field: 'feeBps', max: 1_000n })
    })

    it('can be made again with another salt, and only by who may', async () => {
      const call = recipientCall()
      await chain.govern(call)
      await rejection(governor.scheduleCall({ call }), TimelockUnexpectedOperationStateError)
      await governor.scheduleCallSync({ call, salt: toHex(1, { size: 32 }) })
      const eve = chain.client('eve')
      await rejection(eve.scheduleCall({ call }), AccessControlUnauthorizedAccountError)
      const error = await rejection(
        governor.scheduleCall({ call, salt: toHex(2, { size: 32 }), delay: 1n }),
        TimelockInsufficientDelayError,
      )
      expect(error).to.include({ delay: 1n, minDelay: BigInt(timelockDelay) })
    })

    it('names the fee recipient', async () => {
      const { receipt } = await chain.govern(recipientCall())
      const recipient = chain.accounts.eve.address
      expect(setFeeRecipient.extractEvent(receipt.logs).args).to.deep.equal({ recipient })
      expect(await governor.getGovernance()).to.include({ feeRecipient: recipient })
    })
  })

  describe('the guardian', () => {
    it('pauses and resumes at once, until another is named', async () => {
      await governor.pausePostingSync()
      expect(await governor.getParameters()).to.include({ paused: true })
      await governor.resumePostingSync()
      expect(await governor.getParameters()).to.include({ paused: false })
      const guardian = chain.accounts.keeper.address
      const { receipt } = await chain.govern(setGuardian.call({ market: chain.market, guardian }))
      expect(setGuardian.extractEvent(receipt.logs).args).to.deep.equal({ guardian })
      const error = await rejection(governor.pausePosting(), GovernedNotGuardianError)
      expect(error.guardian).to.equal(guardian)
      await chain.client('keeper').pausePostingSync()
    })
  })
})

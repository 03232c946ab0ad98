import { expect } from 'chai'
import { type Address, type Hex, zeroHash } from 'viem'
import {
  AttestationNoResultError,
  AttestationUnknownAttesterError,
  AttestationWrongListError,
  AttestationWrongSignatureError,
  attestersHash,
  decodeReplicationTerms,
  encodeReplicationTerms,
  type JobTermsInput,
  type MarketClient,
  ReplicationAlreadySeatedError,
  ReplicationCommittedError,
  ReplicationNotFilledError,
  ReplicationNotProviderError,
  ReplicationNotRequesterError,
  ReplicationPostedError,
  ReplicationTooEarlyError,
  ReplicationUnknownGroupError,
  ReplicationWrongPhaseError,
  ReplicationWrongRevealError,
  ReplicationWrongSizeError,
  randomSalt,
  replicate,
  replicationAbi,
  requesterActions,
  resultCommitment,
  type seatCommitment,
  WrongLevelError,
} from '../src/index.ts'
import { type Actor, startChain, type TestChain } from './helpers/chain.ts'
import { endpoint, fund, jobsOf, resources, result, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

describe('assurance levels', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let jobs: ReturnType<typeof jobsOf>
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    jobs = jobsOf(chain, { requester, provider })
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  it('are found in the parameters of the market', async () => {
    const { disputeGame, attestation, replication } = chain
    expect(await requester.getLevel({ level: 'optimistic' })).to.deep.equal({
      ...{ hook: disputeGame, isMediated: false, isOffered: true },
    })
    expect(await requester.getLevel({ level: 'attested' })).to.include({
      hook: attestation,
      isMediated: false,
    })
    expect(await requester.getLevel({ level: 'replicated' })).to.include({
      hook: replication,
      isMediated: true,
    })
    expect(await requester.getLevel({ level: 3, parametersId: 0 })).to.include({ isOffered: false })
  })

  describe('attested', () => {
    let attesters: Address[]
    let attester: MarketClient
    before(() => {
      attesters = [chain.accounts.keeper.address, chain.accounts.eve.address]
      attester = chain.client('eve')
    })
    const attested = (): Partial<JobTermsInput> => ({
      level: 'attested',
      assurance: attestersHash(attesters),
    })

    it('settles as soon as one of the attesters has signed the result', async () => {
      const jobId = await jobs.submitted(attested())
      expect(await requester.getJobStatus({ jobId })).to.equal('submitted')
      const attestation = await attester.signAttestation({ jobId })
      const { resultRoot: root, totalSteps } = result
      expect(attestation.resultCommitment).to.equal(resultCommitment({ root, totalSteps }))
      const handedIn = await chain.client('keeper').attestSync({ ...attestation, attesters })
      expect(handedIn).to.include({ jobId, attester: chain.accounts.eve.address })
      expect(await requester.getJobStatus({ jobId })).to.equal('settleable')
      await provider.settleSync({ jobId })
    })

    it('takes the signature of a contract', async () => {
      const wallet = await chain.deploy('wallet', [chain.accounts.eve.address])
      const list = [wallet]
      const jobId = await jobs.submitted({ level: 'attested', assurance: attestersHash(list) })
      const attestation = await attester.signAttestation({ jobId, attester: wallet })
      await attester.attestSync({ ...attestation, attesters: list })
      expect(await requester.getJobStatus({ jobId })).to.equal('settleable')
    })

    it('is for signed jobs too', async () => {
      const { minPrice: _, ramp: __, ...terms } = await someTerms(chain, attested())
      const { jobId } = await provider.claimSignedSync(await requester.signJobRequest({ terms }))
      await provider.submitSync({ jobId, ...result })
      const attestation = await attester.signAttestation({ jobId })
      await attester.attestSync({ ...attestation, attesters })
      expect(await requester.getJobStatus({ jobId })).to.equal('settleable')
    })

    it('refuses other lists, other signers, other results, and what has no result', async () => {
      const jobId = await jobs.submitted(attested())
      const attestation = await attester.signAttestation({ jobId })
      const reversed = attesters.toReversed()
      await rejection(attester.attest({ ...attestation, attesters: reversed }), AttestationWrongListError)
      const stranger = await requester.signAttestation({ jobId })
      await rejection(attester.attest({ ...stranger, attesters }), AttestationUnknownAttesterError)
      const other = await attester.signAttestation({ jobId, resultCommitment: zeroHash })
      await rejection(attester.attest({ ...other, attesters }), AttestationWrongSignatureError)
      const open = await jobs.posted(attested())
      const early = await attester.signAttestation({ jobId: open, resultCommitment: zeroHash })
      const error = await rejection(attester.attest({ ...early, attesters }), AttestationNoResultError)
      expect(error.status).to.equal('open')
      const optimistic = await jobs.submitted()
      const wrong = await rejection(attester.signAttestation({ jobId: optimistic }), WrongLevelError)
      expect(wrong).to.include({ level: 'optimistic', expected: 'attested' })
    })
  })

  describe('replicated', () => {
    const replication = {
      ...{ seats: 3, spares: 3, drawBits: 0, baseBps: 1_000 },
      ...{ commitTime: 100, revealTime: 100, drawTime: 100 },
    }
    const workers: Actor[] = ['provider', 'keeper', 'eve']
    before(async () => {
      for (const actor of ['keeper', 'eve'] as const) {
        const client = chain.client(actor)
        await client.depositSync({ amount: units('100') })
        await client.stakeSync({ amount: units('100') })
        await client.updateProviderSync({ resources, concurrency: 9, endpoint })
      }
    })

    const post = async (): Promise<Hex[]> => {
      const terms = replicate(await someTerms(chain), replication)
      const { outcomes } = await requester.postManySync({ terms })
      return outcomes.map(({ jobId }) => jobId as Hex)
    }

    it('terms come back, and spares are claimed later', async () => {
      const terms = replicate(await someTerms(chain), replication)
      expect(terms.map(({ assurance = '0x' }) => decodeReplicationTerms(assurance))).to.deep.equal(
        terms.map((_, index) => ({ ...replication, index, tag: 0n })),
      )
      const [seat, spare] = [terms[2]!, terms[3]!]
      expect(spare.claimBy - seat.claimBy).to.equal(300)
      expect(new Set(terms.map(({ nonce }) => nonce))).to.have.property('size', 1)
      const packed = encodeReplicationTerms({ ...replication, index: 1, tag: (1n << 136n) - 1n })
      expect(decodeReplicationTerms(packed)).to.include({ index: 1, tag: (1n << 136n) - 1n })
    })

    it('pays the majority and slashes who revealed otherwise', async () => {
      const jobIds = await post()
      const seats = jobIds.slice(0, 3)
      const sealed = workers.map((actor, i) => ({
        ...{ actor, jobId: seats[i]!, client: chain.client(actor), salt: randomSalt() },
        ...(i === 2 ? { ...result, totalSteps: 9n } : result),
      }))
      for (const { client, jobId } of sealed) await client.claimSync({ jobId })
      const { groupId, index } = await requester.getSeat({ jobId: seats[1]! })
      expect(index).to.equal(1)
      expect(await requester.getGroup({ groupId })).to.deep.include({
        ...{ phase: 'first', posted: 6, claimed: 3, committed: 0, jobIds, targetBlock: null, seed: null },
        terms: { ...replication, tag: 0n },
      })

      for (const { client, actor, ...mine } of sealed) {
        const { commitment } = await client.commitResultSync(mine)
        expect(commitment).to.equal(await onChain(actor, mine))
      }
      const [first] = sealed as [(typeof sealed)[0]]
      await rejection(first.client.commitResult(first), ReplicationCommittedError)
      const wrong = { ...first, totalSteps: 7n }
      await rejection(first.client.revealResult(wrong), ReplicationWrongRevealError)
      await rejection(chain.client('eve').revealResult(first), ReplicationNotProviderError)
      await rejection(requester.resolveGroup({ groupId }), ReplicationTooEarlyError)
      for (const { client, ...mine } of sealed) await client.revealResultSync(mine)

      const { resultRoot: root, totalSteps } = result
      const majority = resultCommitment({ root, totalSteps })
      const closed = await requester.resolveGroupSync({ groupId })
      expect(closed).to.include({ phase: 'closed', resultCommitment: majority })
      const statuses = await Promise.all(jobIds.map((jobId) => requester.getJobStatus({ jobId })))
      expect(statuses).to.deep.equal(['settled', 'settled', 'rejected', ...Array(3).fill('cancelled')])
      expect(await requester.getSeat({ jobId: seats[0]! })).to.include({ vote: majority })
      expect(await requester.getResult({ jobId: seats[0]! })).to.deep.equal({
        ...result,
        provider: chain.accounts.provider.address,
      })
    })

    it('escalates where there is no majority, and draws spares by a block hash', async () => {
      const jobIds = await post()
      for (const [i, actor] of workers.entries()) {
        const [client, jobId] = [chain.client(actor), jobIds[i]!]
        await client.claimSync({ jobId })
      }
      const { groupId } = await requester.getSeat({ jobId: jobIds[0]! })
      const mine = { jobId: jobIds[0]!, ...result, salt: randomSalt() }
      await provider.commitResultSync(mine)
      await chain.mine(6)
      // the other seat may still commit, and would know the draw
      const { seed: none } = await requester.captureSeedSync({ groupId })
      expect(none).to.equal(null)
      const { claimBy } = await requester.getGroup({ groupId })
      await chain.pass(claimBy + 101 - (await chain.now()))
      const { seed } = await requester.captureSeedSync({ groupId })
      expect(seed).to.match(/^0x[0-9a-f]{64}$/)
      await provider.revealResultSync(mine)
      const escalated = await requester.resolveGroupSync({ groupId })
      expect(escalated).to.include({ phase: 'escalated', resultCommitment: null })
      expect(await requester.getGroup({ groupId })).to.include({ phase: 'escalated', seed })
      // drawBits is zero: everybody is, but for those who sit in the group
      expect(await provider.isDrawn({ groupId })).to.equal(false)
    })

    it('gives each provider one seat', async () => {
      const [first, second] = (await post()) as [Hex, Hex]
      await provider.claimSync({ jobId: first })
      await rejection(provider.claim({ jobId: second }), ReplicationAlreadySeatedError)
    })

    for (const [field, sizes] of [
      ['seats', [0, 1, 2, 4, 14, 16, 17, 3.5, -3]],
      ['spares', [1, 2, 4, 14, 16, 17, 0.5, -1]],
    ] as const) {
      it(`refuses ${field} of which a half or one alone would decide, before anything is sent`, async () => {
        const terms = await someTerms(chain)
        for (const size of sizes) {
          for (const make of [
            () => replicate(terms, { ...replication, [field]: size }),
            () => encodeReplicationTerms({ ...replication, index: 0, [field]: size }),
          ]) {
            expect(make).to.throw(ReplicationWrongSizeError).that.includes({ field, size, min: 3, max: 15 })
          }
        }
      })
    }

    it('names what the contract refuses, where the word was packed by other means', async () => {
      const assurance = encodeReplicationTerms({ ...replication, index: 0 })
      const even = `0x${(BigInt(assurance) - (1n << 8n)).toString(16).padStart(64, '0')}` as const
      const terms = { ...(await someTerms(chain)), level: 'replicated' as const, assurance: even }
      const error = await rejection(requester.post({ terms }), ReplicationWrongSizeError)
      expect(error).to.include({ field: 'seats', size: 2, min: 3, max: 15 })
    })

    describe('of which not all could be posted', () => {
      const half = async () => {
        const terms = replicate(await someTerms(chain), replication).slice(0, 4)
        const { outcomes } = await requester.postManySync({ terms })
        const jobIds = outcomes.map(({ jobId }) => jobId as Hex)
        const { groupId } = await requester.getSeat({ jobId: jobIds[0]! })
        return { jobIds, groupId, price: terms[0]!.maxPrice }
      }

      it('is taken back by its requester, before claimBy', async () => {
        const { jobIds, groupId, price } = await half()
        const before = await requester.getAccount({ address: chain.accounts.requester.address })
        const cancelled = await requester.cancelGroupSync({ groupId })
        expect(cancelled).to.deep.include({ jobIds, refund: 4n * price })
        const after = await requester.getAccount({ address: chain.accounts.requester.address })
        expect(after.balance - before.balance).to.equal(4n * price)
        expect(await requester.getGroup({ groupId })).to.include({ phase: 'closed', posted: 4 })
        const again = await rejection(requester.cancelGroup({ groupId }), ReplicationWrongPhaseError)
        expect(again.phase).to.equal('closed')
      })

      it('is not taken back by anybody else, nor once it is complete', async () => {
        const { groupId } = await half()
        const stranger = chain.client('eve').extend(requesterActions())
        const error = await rejection(stranger.cancelGroup({ groupId }), ReplicationNotRequesterError)
        expect(error).to.include({
          caller: chain.accounts.eve.address,
          requester: chain.accounts.requester.address,
        })
        const [whole] = await post()
        const complete = await requester.getSeat({ jobId: whole! })
        const posted = await rejection(requester.cancelGroup(complete), ReplicationPostedError)
        expect(posted).to.include({ groupId: complete.groupId, posted: 6 })
      })
    })

    it('shows nothing while seats are free', async () => {
      const [jobId] = (await post()) as [Hex]
      await provider.claimSync({ jobId })
      const mine = { jobId, ...result, salt: randomSalt() }
      await provider.commitResultSync(mine)
      const error = await rejection(provider.revealResult(mine), ReplicationNotFilledError)
      expect(error).to.include({ claimed: 1, expected: 3 })
    })

    it('is refused where there is no such group or level', async () => {
      await rejection(requester.getGroup({ groupId: zeroHash }), ReplicationUnknownGroupError)
      await rejection(requester.resolveGroup({ groupId: zeroHash }), ReplicationUnknownGroupError)
      await rejection(requester.getSeat({ jobId: await jobs.posted() }), WrongLevelError)
    })

    async function onChain(
      actor: Actor,
      { jobId, resultRoot, totalSteps, salt }: Parameters<typeof seatCommitment>[1] & { jobId: Hex },
    ) {
      const { address } = chain.accounts[actor]
      return requester.readContract({
        ...{ address: chain.replication, abi: replicationAbi, functionName: 'commitmentOf' },
        args: [chain.market, jobId, address, resultRoot, totalSteps, salt],
      })
    }
  })
})

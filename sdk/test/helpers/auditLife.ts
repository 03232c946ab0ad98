import { type Address, type Hex, toHex, zeroHash } from 'viem'
import { encodeReplicationTerms } from '../../src/utils/replicationTerms.ts'
import { seatCommitment } from '../../src/utils/seats.ts'
import { type AuditMarket, defaultRules } from './auditMarket.ts'

const longEndpoint = `http://127.0.0.1:9/${'long/'.repeat(20)}`
const resultRoot = toHex('result', { size: 32 })

/** Takes a market through every event it can emit, and returns the jobs by what became of them. */
export async function liveALife(market: AuditMarket): Promise<Record<string, Hex>> {
  const {
    send,
    fund,
    post,
    register,
    pass,
    requester,
    requester2,
    provider1,
    provider2,
    keeper,
    hook,
    owner,
    levels,
  } = market
  const jobs: Record<string, Hex> = {}
  const claim = async (jobId: Hex, provider = provider1) => {
    await send(provider, 'claim', jobId)
    return jobId
  }
  const submit = async (jobId: Hex, provider = provider1) => {
    await send(provider, 'submit', jobId, resultRoot, 4n)
    return jobId
  }

  await fund(requester, 1_000_000_000n)
  await fund(requester2, 500_000_000n)
  await fund(provider1, 300_000_000n)
  await fund(provider2, 100_000_000n)
  await send(provider1, 'stake', 200_000_000n)
  await send(provider2, 'stake', 80_000_000n)
  await send(provider2, 'unstake', 5_000_000n)
  await register(provider1, 'http://127.0.0.1:9')
  await register(provider2, longEndpoint)

  jobs.settledByAccept = await submit(await claim(await post(requester, { maxPrice: 7_777_777n })))
  await send(requester, 'accept', jobs.settledByAccept)

  const posted = await post(requester, { ramp: 100n, minBps: 1_234n })
  await pass(33)
  jobs.settledByAnyone = await submit(await claim(posted))
  await pass(51)
  await send(keeper, 'settle', jobs.settledByAnyone)

  // later, so that the reputation earned so far has decayed
  await pass(40 * 86_400)
  jobs.settledTogether = await submit(await claim(await post(requester2, { minReputation: 1n })))
  jobs.cancelled = await post(requester2)
  await pass(51)
  await send(keeper, 'settleMany', [jobs.settledTogether, jobs.cancelled])
  await send(requester2, 'cancel', jobs.cancelled)

  jobs.expired = await post(requester, { claimBy: (await market.now()) + 10n })
  await pass(11)
  await send(keeper, 'cancel', jobs.expired)

  jobs.released = await claim(await post(requester), provider2)
  await send(provider2, 'release', jobs.released)

  jobs.failed = await claim(await post(requester, { maxPrice: 9_000_001n }), provider2)
  await pass(101)
  await send(keeper, 'fail', jobs.failed)

  jobs.failedByItself = await claim(await post(provider1, { maxPrice: 3_000_000n }))
  await pass(101)
  await send(provider1, 'fail', jobs.failedByItself)

  jobs.rejected = await submit(await claim(await post(requester, { maxPrice: 50_000_000n })))
  await send(hook, 'challengeOpened', jobs.rejected)
  await send(hook, 'challengeOpened', jobs.rejected)
  await send(hook, 'challengeClosed', jobs.rejected)
  await send(hook, 'reject', jobs.rejected, 21_000_000n)

  await send(keeper, 'collectFees', [provider1, provider2])
  await send(requester2, 'withdraw', keeper, 1_234_567n)
  await send(requester2, 'transfer', keeper, 765_433n, '0x')
  await send(keeper, 'transfer', market.market, 5_433n, '0x')

  jobs.signed = await submit(
    await market.agree('JobRequest', { requester, provider: provider1, maxPrice: 3_000_001n }),
  )
  await send(requester, 'accept', jobs.signed)
  jobs.offered = await market.agree('JobOffer', { requester: requester2, provider: provider1, isOpen: true })
  await send(provider1, 'release', jobs.offered)
  await send(requester, 'cancelNonces', 7n, 0b101n)

  const metered = { meteredBps: 7_500n, tasks: 3n, stepLimit: 1_000n }
  jobs.settledByStep = await claim(await post(requester, { ...metered, maxPrice: 5_000_001n }))
  await send(provider1, 'submit', jobs.settledByStep, resultRoot, 1_234n)
  await pass(51)
  await send(keeper, 'settle', jobs.settledByStep)
  jobs.settledAtBudget = await claim(await post(requester, metered))
  await send(provider1, 'submit', jobs.settledAtBudget, resultRoot, 1n << 100n)
  await send(requester, 'accept', jobs.settledAtBudget)

  jobs.keyDelivered = await claim(await post(requester, { isPrivate: 1n }))
  await pass(20)
  await send(requester, 'deliverKey', jobs.keyDelivered, '0x1234')
  await submit(jobs.keyDelivered)
  jobs.keyless = await claim(await post(requester, { isPrivate: 1n }))
  await pass(61)
  await send(keeper, 'release', jobs.keyless)

  const tooDear = await market.termsOf({ maxPrice: 1n << 70n })
  await send(requester, 'postMany', [tooDear, await market.termsOf()])
  const overdue = await claim(await post(requester))
  await pass(101)
  await send(keeper, 'failMany', [overdue, jobs.keyless])

  await liveSeats(market, jobs)

  await market.govern(
    'addParameters',
    { ...defaultRules, feeBps: 250, minRun: 5, surchargeBps: 500, keyTime: 30 },
    levels,
  )
  await send(owner, 'pausePosting')
  await send(owner, 'resumePosting')
  await market.govern('setFeeRecipient', provider1)
  await market.govern('setGuardian', keeper)
  await send(keeper, 'pausePosting')
  await send(keeper, 'resumePosting')

  jobs.settledLate = await submit(await claim(await post(requester, { ramp: 0n })))
  await send(requester, 'accept', jobs.settledLate)
  await send(keeper, 'collectFees', [provider1])
  jobs.settledAgain = await submit(await claim(await post(requester)))
  await send(requester, 'accept', jobs.settledAgain)

  jobs.open = await post(requester2, { level: 1n, floor: 0x0010_0801n })
  jobs.claimed = await claim(await post(requester, { minBps: 0n, ramp: 1_000n }))
  jobs.submitted = await submit(await claim(await post(requester)))
  jobs.disputed = await submit(await claim(await post(requester)))
  await send(hook, 'challengeOpened', jobs.disputed)
  jobs.awaitingKey = await claim(await post(requester, { isPrivate: 1n, ...metered }))
  jobs.signedClaimed = await market.agree('JobRequest', {
    ...{ requester, provider: provider1, isOpen: true, level: 1n, meteredBps: 10_000n },
    maxPrice: 12_345_678n,
  })
  jobs.signedPrivate = await market.agree('JobOffer', { requester, provider: provider1, isPrivate: 1n })
  jobs.seated = await claim(await post(requester, { level: 2n }))
  await groupOfThree(market, jobs)
  return jobs
}

/** Every end that a mediating hook may give a seat. */
async function liveSeats(market: AuditMarket, jobs: Record<string, Hex>): Promise<void> {
  const { send, mediate, post, requester, provider1 } = market
  const seat = async () => {
    const jobId = await post(requester, { level: 2n, maxPrice: 3_333_333n })
    await send(provider1, 'claim', jobId)
    return jobId
  }
  jobs.seatSettled = await seat()
  await mediate('conclude', jobs.seatSettled, resultRoot, 10_000n, false)
  jobs.seatReleased = await seat()
  await mediate('conclude', jobs.seatReleased, zeroHash, 1_001n, false)
  jobs.seatRejected = await seat()
  await mediate('freezeBond', jobs.seatRejected)
  await mediate('conclude', jobs.seatRejected, resultRoot, 500n, true)
  // its bond is more than its price
  jobs.seatOutvoted = await seat()
  await mediate('conclude', jobs.seatOutvoted, zeroHash, 0n, true)
  jobs.seatCancelled = await post(requester, { level: 2n })
  await mediate('cancel', jobs.seatCancelled)
}

/** A group of three seats of the product's own level, which agree, and one that is taken back half posted. */
async function groupOfThree(market: AuditMarket, jobs: Record<string, Hex>): Promise<void> {
  const { fund, register, post, send, replicate, requester, provider1, provider2, keeper, now } = market
  const terms = {
    ...{ seats: 3, spares: 0, drawBits: 0, baseBps: 100, commitTime: 50, revealTime: 50, drawTime: 1 },
  }
  await fund(keeper, 20_000_000n)
  await send(keeper, 'stake', 20_000_000n)
  await register(keeper, 'http://127.0.0.1:9')
  const shared = { level: 3n, nonce: 1n << 63n, claimBy: (await now()) + 100n, maxPrice: 1_000_000n }
  const seats: [Hex, Address][] = []
  for (const [index, provider] of [provider1, provider2, keeper].entries()) {
    const jobId = await post(requester, { ...shared, assurance: encodeReplicationTerms({ ...terms, index }) })
    seats.push([jobId, provider])
  }
  const result = { resultRoot, totalSteps: 4n, salt: toHex('salt', { size: 32 }) }
  for (const [jobId, provider] of seats) await send(provider, 'claim', jobId)
  for (const [jobId, provider] of seats) {
    const seat = { chainId: 31_337, market: market.market, jobId, provider }
    await replicate(provider, 'commit', market.market, jobId, seatCommitment(seat, result))
  }
  for (const [jobId, provider] of seats)
    await replicate(provider, 'reveal', market.market, jobId, resultRoot, 4n, result.salt)
  const [[first] = ['0x' as Hex]] = seats
  const groupOf = async (jobId: Hex) =>
    ((await market.readReplication('seatOf', market.market, jobId)) as { groupId: Hex }).groupId
  await replicate(provider1, 'resolve', await groupOf(first))
  jobs.groupSettled = first

  const lone = {
    ...shared,
    nonce: shared.nonce + 1n,
    assurance: encodeReplicationTerms({ ...terms, index: 1 }),
  }
  jobs.groupTakenBack = await post(requester, lone)
  await replicate(requester, 'cancelGroup', await groupOf(jobs.groupTakenBack))
}

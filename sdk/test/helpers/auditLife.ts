import { type Hex, toHex } from 'viem'
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

  await send(owner, 'addParameters', { ...defaultRules, feeBps: 250, minRun: 5, surchargeBps: 500 }, [
    hook,
    keeper,
  ])
  await send(owner, 'pausePosting')
  await send(owner, 'resumePosting')
  await send(owner, 'setFeeRecipient', provider1)
  await send(owner, 'transferOwnership', keeper)
  await send(keeper, 'acceptOwnership')
  await send(keeper, 'transferOwnership', requester2)

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
  return jobs
}

import { zeroHash } from 'viem'
import { decodeJobStatus } from '../utils/status.ts'
import { amountsOf, claimedIn, endClaim, fault, reward } from './jobAccess.ts'
import { storedStatus } from './layout.ts'
import * as rules from './rules.ts'
import { accountOf } from './state.ts'
import { type Handlers, within } from './transition.ts'

/** What the hook of a mediated level may do to a seat. Which of it it chose is its own; the bounds are the market's. */
export const seatHandlers: Handlers<'SeatConcluded' | 'BondFrozen'> = {
  SeatConcluded(replay, { jobId, provider, status, resultCommitment, pay, fee, slash }) {
    const { state, checks, time, place } = replay
    const job = claimedIn(replay, jobId, provider, 'seated')
    if (job === undefined) return
    const { price, bond } = amountsOf(job)
    const hasResult = resultCommitment !== zeroHash
    const isSlashed = decodeJobStatus(status) === 'rejected'
    const end = isSlashed ? 'rejected' : hasResult ? 'settled' : 'released'
    const due = pay + fee
    checks.equal('rules', `${place}: status`, end, decodeJobStatus(status))
    within(replay, 'pay and fee', due, 0n, price)
    checks.equal(
      'rules',
      `${place}: pay and fee are basis points of the price`,
      true,
      rules.isShareOf(price, due),
    )
    checks.equal('rules', `${place}: fee`, rules.feeOf(due, job.rules.feeBps), fee)
    checks.equal('rules', `${place}: slash`, isSlashed ? rules.seatSlash(price, bond) : 0n, slash)
    job.claim.status = storedStatus[end]
    if (hasResult) {
      job.claim.mark = time
      job.resultCommitment = BigInt(resultCommitment)
    }
    endClaim(replay, provider, bond, slash)
    reward(replay, provider, pay, fee)
    if (isSlashed) fault(replay, provider, rules.afterLateness)
    state.reserve += slash
    accountOf(state, job.requester).balance += price - due
  },

  BondFrozen(replay, { jobId, provider, bond }) {
    const job = claimedIn(replay, jobId, provider, 'seated')
    if (job === undefined) return
    const frozen = rules.frozenBond(amountsOf(job).bond)
    const locked = rules.decodeFloat(frozen)
    replay.checks.equal('rules', `${replay.place}: bond`, locked, bond)
    accountOf(replay.state, provider).locked -= amountsOf(job).bond - locked
    job.claim.bond = frozen
  },
}

import { isAddress } from 'viem'
import { getLevel } from '../actions/getLevel.ts'
import { getParameters } from '../actions/getParameters.ts'
import { WrongLevelError } from '../errors/jobs.ts'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
import { RunParameterError } from '../errors/run.ts'
import { assuranceLevels } from '../types/job.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { isGroupSize, maxSeats, minSeats } from '../utils/replicationTerms.ts'
import { encodeJobTerms } from '../utils/terms.ts'
import type { PostingContext } from './posting.ts'
import { jobsPerShard, replicationTermsOf } from './replication.ts'
import { reading } from './retry.ts'
import { minPriceOf } from './terms.ts'
import type { RunParameters } from './types.ts'

/** The longest time that the contract allows for anything, seconds. */
const MAX_TIME = 30 * 86_400
const MAX_BPS = 10_000
// contracts/verification/Replication.sol
const MAX_DRAW_BITS = 64
const MAX_PHASE_TIME = 7 * 86_400

/**
 * Refuses parameters that make no sense, before anything is asked or paid.
 * @throws RunParameterError
 */
export function checkParameters(parameters: RunParameters<unknown>): void {
  const { program, inputs, maxPrice, tasksPerJob, attempts } = parameters
  const minPrice = minPriceOf(parameters)
  if (!(program instanceof Uint8Array)) refuse('program', typeof program, 'the bytes of a WebAssembly module')
  if (inputs.length === 0) refuse('inputs', 'none', 'at least one input')
  const jobs = jobsPerShard(parameters)
  if (maxPrice < BigInt(inputs.length * jobs))
    refuse(
      'maxPrice',
      maxPrice,
      `at least one unit for each task${jobs > 1 ? ' of each seat and spare' : ''}`,
    )
  if (minPrice < 0n || minPrice > maxPrice)
    refuse('minPrice', minPrice, `between 0 and maxPrice (${maxPrice})`)
  if (tasksPerJob !== undefined && !(tasksPerJob >= 1)) refuse('tasksPerJob', tasksPerJob, 'at least 1')
  if (attempts !== undefined && !(attempts >= 1)) refuse('attempts', attempts, 'at least 1')
  checkLevel(parameters)
}

/** Refuses what does not go together with the level: it would be paid for, and do nothing. */
function checkLevel(parameters: RunParameters<unknown>): void {
  const { level = 'optimistic', attesters, replication, meteredBps = 0, accept, window } = parameters
  if (!assuranceLevels.includes(level)) refuse('level', level, assuranceLevels.join(', '))
  if (!isWithin(meteredBps, 0, MAX_BPS)) refuse('meteredBps', meteredBps, `a whole number up to ${MAX_BPS}`)
  if (level === 'attested') {
    if (!attesters?.length) refuse('attesters', 'none', 'at least one address, as the level is attested')
    const wrong = attesters.find((attester) => !isAddress(attester))
    if (wrong !== undefined) refuse('attesters', wrong, 'addresses')
  } else if (attesters !== undefined) refuse('attesters', attesters, `none, as the level is ${level}`)
  if (level !== 'replicated') {
    if (replication !== undefined) {
      const given = Object.entries(replication).filter(([, value]) => value !== undefined)
      refuse('replication', given.map(([name]) => name).join(', '), `none, as the level is ${level}`)
    }
    return
  }
  if (parameters.private)
    refuse('private', true, 'left out, as the level is replicated: one key serves one provider')
  if (accept) refuse('accept', accept, 'left out, as the level is replicated: its majority decides')
  if (meteredBps > 0) refuse('meteredBps', meteredBps, 'left out, as the level is replicated')
  if (window !== undefined) refuse('window', window, 'left out, as the level is replicated: it has none')
  checkReplication(parameters)
}

function checkReplication(parameters: RunParameters<unknown>): void {
  const { seats, spares, drawBits, baseBps, ...times } = replicationTermsOf(parameters)
  const size = `an odd number from ${minSeats} to ${maxSeats}`
  if (!isGroupSize(seats)) refuse('replication.seats', seats, size)
  if (spares !== 0 && !isGroupSize(spares)) refuse('replication.spares', spares, `0 or ${size}`)
  if (!isWithin(drawBits, 0, MAX_DRAW_BITS))
    refuse('replication.drawBits', drawBits, `a whole number up to ${MAX_DRAW_BITS}`)
  if (!isWithin(baseBps, 0, MAX_BPS))
    refuse('replication.baseBps', baseBps, `a whole number up to ${MAX_BPS}`)
  for (const [field, seconds] of Object.entries(times)) {
    if (!isWithin(seconds, 1, MAX_PHASE_TIME))
      refuse(`replication.${field}`, seconds, `whole seconds from 1 to ${MAX_PHASE_TIME}, which are 7 days`)
  }
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}

/**
 * Refuses terms that cannot be expressed, whose times the market would refuse, or whose level it does not offer.
 * @throws InvalidIntegerError, ValueOutOfRangeError, WrongLevelError; errors of the node
 */
export async function checkTerms(context: PostingContext, terms: readonly NamedJobTerms[]): Promise<void> {
  for (const each of terms) encodeJobTerms(each)
  const { minRun, minWindow } = await reading(context, () => getParameters(context.client))
  const [level = 'optimistic'] = terms.map((each) => each.level)
  const { isOffered } = await reading(context, () => getLevel(context.client, { level }))
  if (!isOffered) throw new WrongLevelError({ level: 'not offered', expected: level })
  const max = MAX_TIME
  for (const { run, window, claimBy } of terms) {
    const times = { run: [run, minRun], window: [window, minWindow], claimFor: [claimBy, 0] } as const
    for (const [field, [value, min]] of Object.entries(times)) {
      if (value >= min && value <= max) continue
      throw new ValueOutOfRangeError({ field, value: BigInt(value), min: BigInt(min), max: BigInt(max) })
    }
  }
}

function refuse(field: string, value: unknown, expected: string): never {
  throw new RunParameterError({ field, value, expected })
}

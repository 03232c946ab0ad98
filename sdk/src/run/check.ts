import { getParameters } from '../actions/getParameters.ts'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
import { RunParameterError } from '../errors/run.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { encodeJobTerms } from '../utils/terms.ts'
import type { PostingContext } from './posting.ts'
import { reading } from './retry.ts'
import { minPriceOf } from './terms.ts'
import type { RunParameters } from './types.ts'

/** The longest time that the contract allows for anything, seconds. */
const MAX_TIME = 30 * 86_400

/**
 * Refuses parameters that make no sense, before anything is asked or paid.
 * @throws RunParameterError
 */
export function checkParameters(parameters: RunParameters<unknown>): void {
  const { program, inputs, maxPrice, tasksPerJob, attempts } = parameters
  const minPrice = minPriceOf(parameters)
  if (!(program instanceof Uint8Array)) refuse('program', typeof program, 'the bytes of a WebAssembly module')
  if (inputs.length === 0) refuse('inputs', 'none', 'at least one input')
  if (maxPrice < BigInt(inputs.length)) refuse('maxPrice', maxPrice, 'at least one unit for each task')
  if (minPrice < 0n || minPrice > maxPrice)
    refuse('minPrice', minPrice, `between 0 and maxPrice (${maxPrice})`)
  if (tasksPerJob !== undefined && !(tasksPerJob >= 1)) refuse('tasksPerJob', tasksPerJob, 'at least 1')
  if (attempts !== undefined && !(attempts >= 1)) refuse('attempts', attempts, 'at least 1')
}

/**
 * Refuses terms that cannot be expressed, or whose times the market would refuse.
 * @throws InvalidIntegerError, ValueOutOfRangeError; errors of the node
 */
export async function checkTerms(context: PostingContext, terms: readonly NamedJobTerms[]): Promise<void> {
  for (const each of terms) encodeJobTerms(each)
  const { minRun, minWindow } = await reading(context, () => getParameters(context.client))
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

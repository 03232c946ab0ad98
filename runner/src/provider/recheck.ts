import { randomInt } from 'node:crypto'
import { EngineFailureError, TaskTimeoutError } from '../executor/errors.ts'
import type { ExecutorTask, TaskOutcome } from '../executor/types.ts'
import { EnginesDifferError } from '../machine/errors.ts'
import type { ProviderContext } from './context.ts'

/** `randomInt` takes no more than 2^48. */
const LARGEST_DRAW = 2 ** 47
/** A comparison is given up rather than that a job is late. */
const LONGEST_MS = 60_000

/** The fields of a result, all of which both engines must agree on. */
const fields = ['status', 'exitCode', 'outputRoot', 'outputLength', 'steps'] as const

/**
 * Runs a task again on the interpreter, of a random sample, and compares what its result says. Where that differs, the
 * journal has it before anything else happens: from then on, in every later life of the provider too, only the
 * interpreter runs this program.
 *
 * @param isDrawn - Whether this task is in the sample; which ones are, nobody can know.
 * @throws EnginesDifferError, TaskAbortedError
 */
export async function recheck(
  { executor, journal, log, limits }: Pick<ProviderContext, 'executor' | 'journal' | 'log' | 'limits'>,
  task: ExecutorTask,
  outcome: TaskOutcome,
  isDrawn: boolean = randomInt(Math.min(limits.recheckOneIn, LARGEST_DRAW)) === 0,
): Promise<void> {
  if (!isDrawn || outcome.engine !== 'native') return
  const { programId } = task
  let other: TaskOutcome
  try {
    const left = task.wallTimeMs - outcome.wallMs
    other = await executor.interpret({ ...task, wallTimeMs: Math.max(0, Math.min(LONGEST_MS, left / 4)) })
  } catch (error) {
    if (!(error instanceof TaskTimeoutError) && !(error instanceof EngineFailureError)) throw error
    log.info({ event: 'recheck-skipped', programId, reason: error.shortMessage }, 'a task was not run again')
    return
  }
  const differences = fields
    .filter((field) => outcome[field] !== other[field])
    .map((field) => ({ field, values: { native: String(outcome[field]), fast: String(other[field]) } }))
  if (differences.length === 0) return
  const error = new EnginesDifferError({ differences })
  journal.interpretProgram(programId, (error.metaMessages ?? []).join(' '))
  log.error({ event: 'engines-differ', programId, differences }, error.shortMessage)
  throw error
}

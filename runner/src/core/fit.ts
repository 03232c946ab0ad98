import { memoryPageSize, slowestSpeed } from 'assay'

const MIB = 2 ** 20

/** What a machine has for the tasks of its jobs. */
export type Room = {
  /** Jobs at a time. */
  jobs: number
  /** Tasks at a time, of all jobs together. */
  slots: number
  memoryMiB: number
  /** Seconds that a task may take. */
  taskSeconds: number
  /** Steps a second that tasks are expected to do. */
  stepRate: bigint
}

/**
 * Why a job's memory does not fit: every task that runs at the same time may take all that its program allows. Beside other
 * jobs, none may take more in a slot than the slot's part, so that any tasks of them fit together. Undefined where it fits.
 */
export function memoryFault(
  { pages, tasks }: { pages: number; tasks: number },
  { jobs, slots, memoryMiB }: Pick<Room, 'jobs' | 'slots' | 'memoryMiB'>,
): string | undefined {
  const atOnce = jobs > 1 ? slots : Math.min(slots, tasks)
  const each = Math.ceil((pages * memoryPageSize) / MIB)
  if (atOnce * each <= memoryMiB) return undefined
  const what = jobs > 1 ? 'tasks like its own' : 'of its tasks'
  return `${atOnce} ${what} at a time may take ${each} MiB of memory each, ${memoryMiB} MiB are offered: offer more (--memory), or run fewer at a time (--slots)`
}

/**
 * Why the steps that a job allows do not fit into its time. They should, at the speed that the operator counts on; where
 * nothing but the interpreter may run the program they must, however slow the program is. Undefined where they fit.
 */
export function stepsFault(
  { stepLimit, run, tasks }: { stepLimit: bigint; run: number; tasks: number },
  { slots, taskSeconds, stepRate }: Omit<Room, 'jobs' | 'memoryMiB'>,
  isInterpreted: boolean,
): string | undefined {
  const seconds = Math.min(run, taskSeconds)
  if (!fits(stepLimit, seconds, stepRate))
    return `a task may take ${stepLimit} steps, more than ${stepRate} for each of ${seconds} s (--step-rate)`
  if (!isInterpreted) return undefined
  const inARow = BigInt(Math.ceil(tasks / slots))
  if (fits(stepLimit, seconds, slowestSpeed) && fits(inARow * stepLimit, run, slowestSpeed)) return undefined
  return `the engines differed at its program, and the interpreter alone is not sure to be done in ${run} s`
}

function fits(steps: bigint, seconds: number, speed: bigint): boolean {
  return steps <= speed * BigInt(Math.max(0, Math.floor(seconds)))
}

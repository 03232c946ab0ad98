import { AssayError } from './base.ts'

/** The fast machine cannot go on, through no fault of the task: its result is not known. */
export class FastMachineError extends AssayError {
  constructor({ steps, pages, cause }: { steps: bigint; pages: number; cause?: unknown }) {
    super('The fast machine cannot go on with this task.', {
      name: 'FastMachineError',
      facts: { 'Steps taken': steps, 'Pages of memory': pages },
      remedy:
        'Give the process more memory. A program that no translator made, or a snapshot of another job, is for the reference machine.',
      cause,
    })
  }
}

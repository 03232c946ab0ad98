import type { Ending, Engine, Job } from '../engine.ts'
import { ReferenceMachine } from './machine.ts'

/** Executes a job on the reference machine: slowly, and exactly as docs/vm/machine.md says. */
export const referenceEngine: Engine = {
  name: 'reference',
  run: async (job) => runReference(job),
}

/** {@link referenceEngine} without a promise. */
export function runReference(job: Job): Ending {
  const machine = new ReferenceMachine(job)
  while (machine.ending === undefined) machine.step()
  const { ending } = machine
  return { ...ending, output: machine.output.read(0, ending.outputLength) }
}

import type { Ending, Engine, MachineTask } from '../engine.ts'
import { ReferenceMachine } from './machine.ts'

/** Executes a task on the reference machine: slowly, and exactly as docs/vm/machine.md says. */
export const referenceEngine: Engine = {
  name: 'reference',
  run: async (task) => runReference(task),
}

/** {@link referenceEngine} without a promise. */
export function runReference(task: MachineTask): Ending {
  const machine = new ReferenceMachine(task)
  while (machine.ending === undefined) machine.step()
  const { ending } = machine
  return { ...ending, output: machine.output.read(0, ending.outputLength) }
}

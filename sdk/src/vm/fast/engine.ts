import type { Ending, Engine, MachineTask } from '../engine.ts'
import { FastMachine } from './machine.ts'

/** Executes a task on the fast machine: an interpreter, so whatever happens is what docs/vm/machine.md says. */
export const fastEngine: Engine = {
  name: 'fast',
  run: async (task) => runFast(task),
}

let machine: FastMachine | undefined
/** A machine that once had that much memory is given up. */
const mostPages = 1024

/**
 * {@link fastEngine} without a promise.
 * @throws {FastMachineError} if the host gives no more memory.
 */
export function runFast(task: MachineTask): Ending {
  const own = machine ?? new FastMachine()
  // one that throws is not used again
  machine = undefined
  const ending = own.load(task).finish()
  if (own.highPages <= mostPages) machine = own
  return ending
}

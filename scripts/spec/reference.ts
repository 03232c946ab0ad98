import { depth, pageSize } from '../../sdk/src/vm/isa.ts'
import { withCall } from '../../sdk/src/vm/lower/invoke.ts'
import type { Program } from '../../sdk/src/vm/program.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { committedTask } from '../../sdk/src/vm/reference/task.ts'
import { initialMemory, noLink, type ProgramRoots } from '../../sdk/src/vm/state.ts'
import { ByteTree } from '../../sdk/src/vm/trees/byteTree.ts'
import type { Instance, Outcome, SpecEngine } from './engines.ts'

/** Steps after which an invocation is given up: half a minute of this engine. */
const patience = 30_000_000n

/** Nobody asks for the hash of a state here, and hashing the code of each invocation would take longer than the rest. */
const noRoots: ProgramRoots = { code: noLink, memory: noLink, globals: noLink, table: noLink }

/** A module on the reference machine. Memory and globals stay where they are between invocations. */
export class ReferenceInstance implements Instance {
  readonly #program: Program
  readonly #stepLimit: bigint
  readonly memory: ByteTree
  readonly globals: ByteTree
  #pages: number

  constructor(program: Program, stepLimit = patience) {
    this.#program = program
    this.#stepLimit = stepLimit
    this.memory = initialMemory(program)
    this.globals = ByteTree.ofValues(depth.globals, program.globals)
    this.#pages = program.initialPages
  }

  /** The program of an invocation: its globals and memory are what the last one left, and are not looked at. */
  programOf(functionIndex: number, args: readonly bigint[]): Program {
    return { ...withCall(this.#program, functionIndex, args), initialPages: this.#pages }
  }

  /** A machine in the first state of such a program, which works on the memory and globals of this instance. */
  begin(program: Program, limit: bigint, roots = noRoots): ReferenceMachine {
    const job = { program, input: new Uint8Array(0), shared: new Uint8Array(0), maxOutput: 0 }
    const machine = new ReferenceMachine(committedTask({ ...job, stepLimit: limit }, { roots }))
    machine.memory = this.memory
    machine.globals = this.globals
    return machine
  }

  /** How an invocation went, when its machine has ended. */
  end(functionIndex: number, { ending, frame, pages, steps }: ReferenceMachine): Outcome {
    this.#pages = pages
    if (ending === undefined || ending.status === 'outOfSteps') return { ending: 'unfinished' }
    if (ending.status === 'trapped') return { ending: 'trapped', reason: ending.trap, steps }
    const { results } = this.#program.module.functions[functionIndex]!
    return { ending: 'returned', values: Array.from(results, (_, slot) => frame.value(slot)), steps }
  }

  invoke(functionIndex: number, args: readonly bigint[]): Outcome {
    const machine = this.begin(this.programOf(functionIndex, args), this.#stepLimit)
    while (machine.ending === undefined) machine.step()
    return this.end(functionIndex, machine)
  }

  contents() {
    return {
      pages: this.#pages,
      page: (number: number) => this.memory.read(number * pageSize, pageSize),
      globals: Array.from(this.#program.globals, (_, index) => this.globals.value(index)),
    }
  }
}

export const reference: SpecEngine = {
  name: 'reference',
  instantiate: (program, stepLimit) => new ReferenceInstance(program, stepLimit),
}

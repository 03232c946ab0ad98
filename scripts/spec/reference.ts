import { depth } from '../../sdk/src/vm/isa.ts'
import type { Program } from '../../sdk/src/vm/program.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { taskOf } from '../../sdk/src/vm/reference/task.ts'
import { noLink, type ProgramRoots, pageSize } from '../../sdk/src/vm/state.ts'
import { ByteTree } from '../../sdk/src/vm/trees/byteTree.ts'
import { type Instance, invocationLimit, type Outcome, type SpecEngine } from './engines.ts'
import { type Invocation, invocationOf } from './invocation.ts'

/** Nobody asks for the hash of a state here, and hashing the code of each invocation would take longer than the rest. */
const noRoots: ProgramRoots = { code: noLink, memory: noLink, globals: noLink, table: noLink }

/** A module on the reference machine. Memory and globals stay where they are between invocations. */
export class ReferenceInstance implements Instance {
  readonly #program: Program
  readonly #memory: ByteTree
  readonly #globals: ByteTree
  #pages: number

  constructor(program: Program) {
    this.#program = program
    this.#memory = new ByteTree(depth.memory, { chunkSize: pageSize })
    for (const [page, bytes] of program.memory) this.#memory.write(page * pageSize, bytes)
    this.#globals = ByteTree.ofValues(depth.globals, program.globals)
    this.#pages = program.initialPages
  }

  /** A machine that stands at the stub of an invocation, and works on the memory and globals of this instance. */
  begin(invocation: Invocation, stepLimit: bigint, roots = noRoots): ReferenceMachine {
    const { code, entry, results } = invocation
    const program = { ...this.#program, code, entry, initialPages: this.#pages }
    const job = { program, input: new Uint8Array(0), shared: new Uint8Array(0), stepLimit, maxOutput: 0 }
    for (let i = 0; i < results; i++) this.#globals.setValue(program.globals.length + i, 0n)
    const machine = new ReferenceMachine(taskOf(job, { roots }))
    machine.memory = this.#memory
    machine.globals = this.#globals
    return machine
  }

  /** How an invocation went, when its machine has ended. */
  end({ results, before, after }: Invocation, { ending, pages, steps }: ReferenceMachine): Outcome {
    this.#pages = pages
    if (ending === undefined || ending.status === 'outOfSteps')
      return { ending: 'unfinished', steps: steps - BigInt(before) }
    if (ending.status === 'trapped')
      return { ending: 'trapped', reason: ending.trap, steps: steps - BigInt(before) }
    const first = this.#program.globals.length
    const values = Array.from({ length: results }, (_, i) => this.#globals.value(first + i))
    return { ending: 'returned', values, steps: steps - BigInt(before + after) }
  }

  invoke(functionIndex: number, args: readonly bigint[]): Outcome {
    const invocation = invocationOf(this.#program, functionIndex, args)
    const machine = this.begin(invocation, invocationLimit)
    while (machine.ending === undefined) machine.step()
    return this.end(invocation, machine)
  }

  contents() {
    return {
      pages: this.#pages,
      page: (number: number) => this.#memory.read(number * pageSize, pageSize),
      globals: Array.from(this.#program.globals, (_, index) => this.#globals.value(index)),
    }
  }
}

export const reference: SpecEngine = {
  name: 'reference',
  instantiate: (program) => new ReferenceInstance(program),
}

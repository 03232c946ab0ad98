import { FastMachine } from '../../sdk/src/vm/fast/machine.ts'
import { pageSize } from '../../sdk/src/vm/isa.ts'
import { withCall } from '../../sdk/src/vm/lower/invoke.ts'
import type { Program } from '../../sdk/src/vm/program.ts'
import type { Instance, Outcome, SpecEngine } from './engines.ts'

/** Some seconds of this engine. */
const patience = 2n ** 32n

/** All instances share a machine: each invocation is a program of its own, which begins with what the last one left. */
const machine = new FastMachine()
const nothing = new Uint8Array(0)
const zeroPage = new Uint8Array(pageSize)

class FastInstance implements Instance {
  #program: Program
  readonly #stepLimit: bigint

  constructor(program: Program, stepLimit = patience) {
    this.#program = program
    this.#stepLimit = stepLimit
  }

  invoke(functionIndex: number, args: readonly bigint[]): Outcome {
    const program = withCall(this.#program, functionIndex, args)
    const limits = { stepLimit: this.#stepLimit, maxOutput: 0 }
    const ending = machine.load({ program, input: nothing, shared: nothing, ...limits }).finish()
    const { pages } = machine
    const memory = new Map<number, Uint8Array>()
    for (let page = 0; page < pages; page++) {
      const bytes = machine.readMemory(page * pageSize, pageSize)
      if (Buffer.compare(bytes, zeroPage) !== 0) memory.set(page, bytes)
    }
    const globals = machine.readGlobals()
    this.#program = { ...this.#program, memory, globals, initialPages: pages }

    const { status, trap: reason, steps } = ending
    if (status === 'outOfSteps') return { ending: 'unfinished' }
    if (status === 'trapped') return { ending: 'trapped', reason, steps }
    const slots = machine.readSlots()
    const { results } = program.module.functions[functionIndex]!
    return { ending: 'returned', values: Array.from(results, (_, slot) => slots[slot]!), steps }
  }

  contents() {
    const { initialPages, memory, globals } = this.#program
    const page = (number: number) => memory.get(number) ?? zeroPage
    return { pages: initialPages, page, globals: [...globals] }
  }
}

export const fast: SpecEngine = {
  name: 'fast',
  instantiate: (program, stepLimit) => new FastInstance(program, stepLimit),
}

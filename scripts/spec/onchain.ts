import { concat, type Hex, hexToNumber, keccak256, slice } from 'viem'
import { toHex } from '../../sdk/src/trees/bytes.ts'
import { treeRoot } from '../../sdk/src/trees/contentTree.ts'
import type { Program } from '../../sdk/src/vm/index.ts'
import { depth, opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import type { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import { type ProgramRoots, tableBytes } from '../../sdk/src/vm/state.ts'
import type { Outcome, SpecEngine } from './engines.ts'
import { ReferenceInstance } from './reference.ts'

/** Computes the state after a step, as OneStepVM does. */
export type Step = (state: Hex, witness: Uint8Array) => Promise<Hex>

/** What was executed on-chain. */
export type OnchainCounts = {
  invocations: number
  steps: number
  /** Invocations of more steps than {@link mostSteps}, which are left out. */
  longer: number
  /** How many steps of each instruction. */
  instructions: Record<string, number>
}

/** Steps of the longest invocations that are executed on-chain. */
export const mostSteps = 2_000n
/** Calls under way at one time. */
const batch = 32

/** OneStepVM is asked for another state than the reference machine comes to. */
export class OnchainDifferenceError extends Error {
  override readonly name = 'OnchainDifferenceError'
}

const names = new Map(opcodes.map(({ code, name }) => [code, name]))

/** An engine whose every step is OneStepVM's, from the reference machine's states and witnesses. */
export function onchainEngine(step: Step, counts: OnchainCounts): SpecEngine {
  return { name: 'OneStepVM', instantiate: (program) => new OnchainInstance(program, step, counts) }
}

class OnchainInstance {
  readonly #step: Step
  readonly #counts: OnchainCounts
  readonly #reference: ReferenceInstance
  /** Goes ahead of the other, to tell how many steps there are. */
  readonly #scout: ReferenceInstance

  constructor(program: Program, step: Step, counts: OnchainCounts) {
    this.#step = step
    this.#counts = counts
    this.#reference = new ReferenceInstance(program)
    this.#scout = new ReferenceInstance(program)
  }

  async invoke(functionIndex: number, args: readonly bigint[]): Promise<Outcome> {
    const ahead = this.#scout.invoke(functionIndex, args)
    if (ahead.ending === 'unfinished' || ahead.steps! > mostSteps) {
      this.#counts.longer++
      return this.#reference.invoke(functionIndex, args)
    }
    const program = this.#reference.programOf(functionIndex, args)
    const machine = this.#reference.begin(program, mostSteps, this.#rootsOf(program))
    await this.#execute(machine)
    this.#counts.invocations++
    return this.#reference.end(functionIndex, machine)
  }

  contents() {
    return this.#reference.contents()
  }

  /** The program begins with the memory and globals that are there now. */
  #rootsOf({ code, table }: Program): ProgramRoots {
    const { memory, globals } = this.#reference
    return {
      code: toHex(treeRoot(code, depth.code)),
      memory: toHex(memory.root()),
      globals: toHex(globals.root()),
      table: toHex(treeRoot(tableBytes(table), depth.table)),
    }
  }

  async #execute(machine: ReferenceMachine): Promise<void> {
    let state = machine.stateHash()
    while (machine.ending === undefined) {
      const asked: Promise<void>[] = []
      while (machine.ending === undefined && asked.length < batch) {
        const [before, proof, number] = [state, witness(machine), machine.steps]
        const name = names.get(machine.word().op) ?? 'unknown'
        machine.step()
        state = machine.stateHash()
        const after = state
        asked.push(
          this.#step(before, proof).then((found) => {
            if (found === after) return
            throw new OnchainDifferenceError(
              `step ${number}, ${name}: reference ${after}, OneStepVM ${found}, witness ${toHex(proof)}`,
            )
          }),
        )
        this.#counts.steps++
        this.#counts.instructions[name] = (this.#counts.instructions[name] ?? 0) + 1
      }
      await Promise.all(asked)
    }
  }
}

/** Names the bytecode that was executed, whatever its sources' comments are: without the metadata that the compiler appends. */
export function codeHashOf(codes: readonly Hex[]): Hex {
  return keccak256(concat(codes.map((code) => slice(code, 0, -2 - hexToNumber(slice(code, -2))))))
}

/**
 * How many steps of the machine each WebAssembly instruction costs, for the engine that counts natively.
 *
 * There is one number for each instruction of each defined function, in the order of the file: reachable or not,
 * `nop`, `else`, every `end` included. Its lower 16 bits count the steps of executing the instruction and going
 * on behind it:
 * - `else` and `end`: what arriving there by falling through costs;
 * - `call`, `call_indirect`: `arg`s, the call, and `result`s, of which the latter (as many as the type has
 *   results, none if it has one) come after the callee's return; of a call that traps, all before;
 * - `br`, `br_table`, `return`: the whole edge, the same for each label of a `br_table`;
 * - memory.copy, memory.fill and calls of repeating host functions: one step for the repeating instruction itself.
 * The upper 16 bits are what a taken `br_if` costs more than one that is not taken, else 0.
 */
export type StepTable = {
  /** Numbers of all defined functions, one after the other. */
  readonly costs: Uint32Array
  /** Where in `costs` each defined function begins, by function index without imports; one more for the end. */
  readonly firsts: Uint32Array
}

/** Steps of an instruction that goes on. */
export function stepsOf(cost: number): number {
  return cost & 0xffff
}

/** Further steps of a `br_if` that is taken. */
export function extraStepsOf(cost: number): number {
  return cost >>> 16
}

/** Collects the costs while bodies are lowered. */
export class StepCounter {
  #costs = new Uint32Array(4_096)
  #length = 0
  readonly #firsts: number[] = []

  beginFunction(): void {
    this.#firsts.push(this.#length)
  }

  push(cost: number): void {
    if (this.#length === this.#costs.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#costs)
      this.#costs = larger
    }
    this.#costs[this.#length++] = cost
  }

  finish(): StepTable {
    const firsts = Uint32Array.from([...this.#firsts, this.#length])
    return { costs: this.#costs.slice(0, this.#length), firsts }
  }
}

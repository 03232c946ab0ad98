import type { Hex } from 'viem'
import type { RunOutput } from './types.ts'

/** Outputs as they arrive, for any number of readers, each from the first on. */
export class Collector {
  readonly #byTask: (RunOutput | undefined)[]
  /** In the order in which they came; undefined where one was withdrawn. */
  readonly #arrived: (RunOutput | undefined)[] = []
  #count = 0
  /** Parts whose outputs may still be withdrawn. */
  #provisional: number
  #failure: { error: unknown } | undefined
  #wake: (() => void)[] = []

  /** @param provisional parts that count only once {@link Collector.finalize} was called for each */
  constructor(tasks: number, provisional = 0) {
    this.#byTask = new Array(tasks)
    this.#provisional = provisional
  }

  get tasks(): number {
    return this.#byTask.length
  }

  get count(): number {
    return this.#count
  }

  get complete(): boolean {
    return this.#count === this.#byTask.length && this.#provisional <= 0
  }

  /** Adds an output; one that arrives again is passed over. */
  add(output: RunOutput): void {
    if (this.#byTask[output.index] !== undefined) return
    this.#byTask[output.index] = output
    this.#arrived.push(output)
    this.#count++
    this.#notify()
  }

  /** Withdraws the outputs of a job that is not paid: those of the job that takes its place arrive in their stead. */
  withdraw(jobId: Hex): void {
    for (const [at, output] of this.#arrived.entries()) {
      if (output?.jobId !== jobId) continue
      this.#arrived[at] = undefined
      this.#byTask[output.index] = undefined
      this.#count--
    }
  }

  /** Notes that the outputs of one more part stand for good. */
  finalize(): void {
    this.#provisional--
    this.#notify()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#notify()
  }

  async *read(): AsyncGenerator<RunOutput> {
    for (let next = 0; ; ) {
      if (next < this.#arrived.length) {
        const output = this.#arrived[next++]
        if (output !== undefined) yield output
      } else if (this.complete) return
      else if (this.#failure !== undefined) throw this.#failure.error
      else await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** All outputs in task order, once they are there. */
  async all(): Promise<readonly RunOutput[]> {
    for await (const _ of this.read());
    return this.#byTask as RunOutput[]
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BuilderAnswer } from './builderThread.ts'
import { type Builds, buildsOf } from './builds.ts'
import { EngineFailureError, ExecutorClosedError } from './errors.ts'

/** Without `.ts` where this is a build. */
const script = new URL(`./builderThread${extname(import.meta.url)}`, import.meta.url)

/** Smaller modules take some milliseconds, less than a thread takes to start. */
const smallBytes = 128 * 1_024

type Pending = { wasm: Uint8Array; resolve: (builds: Builds) => void; reject: (error: unknown) => void }

/** Builds programs, large ones in a thread of their own: seconds in which this one is needed for the chain and for who downloads. */
export class Builder {
  readonly #pending = new Map<number, Pending>()
  /** What is being built: who asks for the same meanwhile waits for it. */
  readonly #building = new WeakMap<Uint8Array, Promise<Builds>>()
  #lastNo = 0
  #worker: Worker | undefined
  #closed = false

  /**
   * @throws {ProgramError} the module is refused
   * @throws {EngineFailureError} the thread ended, mostly for lack of memory
   * @throws {ExecutorClosedError}
   */
  build(wasm: Uint8Array): Promise<Builds> {
    const known = this.#building.get(wasm)
    if (known !== undefined) return known
    const building = this.#build(wasm).finally(() => this.#building.delete(wasm))
    this.#building.set(wasm, building)
    return building
  }

  async #build(wasm: Uint8Array): Promise<Builds> {
    if (this.#closed) throw new ExecutorClosedError()
    if (wasm.length <= smallBytes) return buildsOf(wasm)
    this.#worker ??= this.#open()
    const no = ++this.#lastNo
    this.#worker.ref()
    // The module may be a view of something larger, all of which a message would carry.
    this.#worker.postMessage({ no, wasm: wasm.slice() })
    return new Promise((resolve, reject) => this.#pending.set(no, { wasm, resolve, reject }))
  }

  /** Rejects what is not done and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true
    this.#rejectAll(new ExecutorClosedError())
    await this.#worker?.terminate()
  }

  #open(): Worker {
    const worker = new Worker(script)
    const end = (reason: string) => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      void worker.terminate()
      this.#rejectAll(new EngineFailureError({ reason: `builder: ${reason}` }))
    }
    worker.on('message', ({ no, built }: BuilderAnswer) => {
      const pending = this.#pending.get(no)
      this.#pending.delete(no)
      if (this.#pending.size === 0) worker.unref()
      if (pending === undefined) return
      if (built !== undefined) return pending.resolve(built)
      // Refused: once more here, for the error as it is.
      new Promise<Builds>((resolve) => resolve(buildsOf(pending.wasm))).then(pending.resolve, pending.reject)
    })
    worker.on('error', (error) => end(String(error)))
    worker.on('exit', () => end('its thread ended'))
    return worker
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

import { parentPort } from 'node:worker_threads'
import { type Program, runFast, translate } from 'assay/vm'
import type { Hex } from 'viem'
import type { TaskOutcome } from './types.ts'

export type InterpreterOrder = {
  programId: Hex
  program: Uint8Array
  input: Uint8Array
  shared: Uint8Array
  stepLimit: bigint
  maxOutput: number
}

export type InterpreterAnswer =
  | { outcome: Omit<TaskOutcome, 'engine'>; failure?: undefined }
  | { outcome?: undefined; failure: string }

let last: { programId: Hex; program: Program } | undefined

function run({ programId, program: wasm, ...job }: InterpreterOrder): InterpreterAnswer {
  const started = performance.now()
  try {
    if (last?.programId !== programId) last = { programId, program: translate(wasm) }
    const ending = runFast({ ...job, program: last.program })
    return { outcome: { ...ending, wallMs: performance.now() - started } }
  } catch (error) {
    return { failure: String(error) }
  }
}

parentPort?.on('message', (order: InterpreterOrder) => parentPort?.postMessage(run(order)))

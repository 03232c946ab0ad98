import { parentPort } from 'node:worker_threads'
import { AssayError } from 'assay'
import { type Builds, buildsOf } from './builds.ts'

/** Without builds where the module is refused: errors lose their class on the way. */
export type BuilderAnswer = { no: number; built: Builds | undefined }

function build(wasm: Uint8Array): Builds | undefined {
  try {
    return buildsOf(wasm)
  } catch (error) {
    if (error instanceof AssayError) return undefined
    throw error
  }
}

parentPort?.on('message', ({ no, wasm }: { no: number; wasm: Uint8Array }) => {
  const built = build(wasm)
  const answer: BuilderAnswer = { no, built }
  parentPort?.postMessage(answer, built === undefined ? [] : [built.builds.buffer])
})

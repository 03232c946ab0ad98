import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { programIdOf } from 'assay'
import { findClang } from '../../src/build/clang.ts'
import type { Executor } from '../../src/executor/types.ts'

/** Why C programs cannot be built here; undefined where they can. */
export const clangMissing: string | undefined = await findClang().then(
  () => undefined,
  (error: { facts?: { Missing?: string } }) => error.facts?.Missing ?? String(error),
)

/** Skips a suite, and says why, where C programs cannot be built. */
export function needsClang(this: Mocha.Context): void {
  if (clangMissing === undefined) return
  console.log(`      skipped: C is not compiled here, missing is ${clangMissing}`)
  this.skip()
}

/** The system's own compiler, to compare with; undefined without one. */
export const nativeCompiler: string | undefined = ['cc', 'gcc', 'clang'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** Path of a C program that belongs to the tests. */
export const cSource = (name: string) => fileURLToPath(new URL(`../fixtures/wasi/${name}.c`, import.meta.url))

/** How a task ended in the sandbox, and its output as text. */
export async function execute(
  executor: Executor,
  program: Uint8Array,
  input: string | Uint8Array = '',
  shared = '',
) {
  const { status, exitCode, output } = await executor.run({
    program,
    programId: programIdOf(program),
    input: typeof input === 'string' ? new TextEncoder().encode(input) : input,
    shared: new TextEncoder().encode(shared),
    stepLimit: 1n << 36n,
    maxOutput: 2 ** 24,
    wallTimeMs: 60_000,
  })
  return { status, exitCode, output }
}

export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

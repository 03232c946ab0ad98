import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../sdk/src/vm/index.ts'
import type { Random } from '../../sdk/test/helpers/vmStates.ts'

const tool = join(import.meta.dirname, '../../node_modules/binaryen/bin/wasm-opt')

/** Everything that the machine has, and nothing else. */
const features = [
  '--mvp-features',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-multivalue',
  '--enable-mutable-globals',
  '--enable-bulk-memory-opt',
]

const nothing = { kind: 'function', results: [] } as const
const number = { kind: 'function', results: ['i32'] } as const

/** What binaryen's modules import: here functions that do nothing, and give 0. */
export const fuzzingSupport: Environment = {
  programsOnly: false,
  imports: {
    'fuzzing-support': {
      'log-i32': { ...nothing, params: ['i32'] },
      'log-i64': { ...nothing, params: ['i64'] },
      'log-f32': { ...nothing, params: ['f32'] },
      'log-f64': { ...nothing, params: ['f64'] },
      'call-export': { ...nothing, params: ['i32', 'i32'] },
      'call-export-catch': { ...number, params: ['i32'] },
      sleep: { ...number, params: ['i32', 'i32'] },
    },
  },
}

/** A module that binaryen's own fuzzer makes of random bytes. */
export function binaryenModule(random: Random): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-fuzz-'))
  try {
    const [from, to] = [join(folder, 'bytes'), join(folder, 'module.wasm')]
    writeFileSync(from, random.bytes(500 + random.below(8_000)))
    const passes = random.chance(50) ? [] : [random.pick(['-O1', '-O3', '--flatten', '--ssa', '--dce'])]
    execFileSync(process.execPath, [tool, from, '--translate-to-fuzz', ...features, ...passes, '-o', to], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    return readFileSync(to)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

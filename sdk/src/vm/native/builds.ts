import type { Program } from '../program.ts'
import { entryOf } from '../wasm/entry.ts'
import { instrument } from './instrument.ts'

/** Both builds of a program, as modules for a WebAssembly engine. */
export type NativeBuilds = { fast: Uint8Array<ArrayBuffer>; precise: Uint8Array<ArrayBuffer> }

/** Instruments a program twice. */
export function instrumentProgram(program: Program): NativeBuilds {
  const entry = entryOf(program.module)
  const build = (build: 'fast' | 'precise') => instrument({ program, build, entry })
  return { fast: build('fast'), precise: build('precise') }
}

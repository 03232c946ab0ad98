import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ProgramNotBuiltError } from './errors.ts'

/**
 * The example programs and the memory each may grow to, in pages of 64 KiB. The limit stands in the module: a provider
 * takes a job only with room for that of every task that it runs at a time.
 */
export const maxMemoryPages = {
  pathtracer: 16,
  options: 16,
  wordcount: 256,
  tiny: 1,
  faults: 256,
} as const

export type ProgramName = keyof typeof maxMemoryPages

export const programNames = Object.keys(maxMemoryPages) as ProgramName[]

/** Path of a program's compiled module. */
export function programPath(name: ProgramName): string {
  return fileURLToPath(new URL(`./build/${name}.wasm`, import.meta.url))
}

/**
 * The bytes of a program's compiled module.
 *
 * @throws {ProgramNotBuiltError} it was not compiled yet
 */
export async function loadProgram(name: ProgramName): Promise<Uint8Array<ArrayBuffer>> {
  const path = programPath(name)
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new ProgramNotBuiltError({ name, path, cause })
  }
}

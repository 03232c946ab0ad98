import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { UsageError } from '../errors.ts'

/**
 * The bytes of a file that was named on the command line.
 *
 * @throws UsageError
 */
export function readInput(path: string): Uint8Array {
  return naming('file', path, 'read', () => readFileSync(path))
}

/**
 * Writes a file that was asked for on the command line.
 *
 * @throws UsageError
 */
export function writeOutput(path: string, content: string | Uint8Array): void {
  naming('file', path, 'written', () => writeFileSync(path, content))
}

/**
 * Makes a folder that was named on the command line, where there is none.
 *
 * @returns its path
 * @throws UsageError
 */
export function makeFolder(path: string): string {
  naming('folder', path, 'made', () => mkdirSync(path, { recursive: true }))
  return path
}

function naming<T>(what: string, path: string, done: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new UsageError({
      message: `The ${what} ${path} cannot be ${done}: ${(error as Error).message}`,
      remedy: 'Name another one, or see who may read and write there.',
    })
  }
}

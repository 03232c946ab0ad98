import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { UsageError } from '../errors.ts'

/**
 * The bytes of a file that was named on the command line.
 *
 * @param limit in bytes; a larger file is not read
 * @throws UsageError
 */
export function readInput(path: string, limit: number): Uint8Array {
  const { size } = naming('file', path, 'read', () => statSync(path))
  if (size > limit) {
    throw new UsageError({
      message: `The file ${path} has ${size} bytes; providers take up to ${limit}.`,
      remedy: 'Split the data, or leave out what the program does not read.',
    })
  }
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

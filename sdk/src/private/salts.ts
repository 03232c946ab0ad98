import { PrivateDataMismatchError } from '../errors/private.ts'
import { saltBytes } from './privateProgram.ts'

/** The input with a random word before it. */
export function saltInput(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const salted = new Uint8Array(saltBytes + input.length)
  crypto.getRandomValues(salted.subarray(0, saltBytes))
  salted.set(input, saltBytes)
  return salted
}

/**
 * The output that a program wrote behind the random word.
 * @throws {PrivateDataMismatchError} if there are some bytes, but not a word
 */
export function unsaltOutput(output: Uint8Array): Uint8Array {
  if (output.length > 0 && output.length < saltBytes)
    throw new PrivateDataMismatchError({
      what: 'an output',
      expected: `a random word of ${saltBytes} bytes before the output`,
      got: `${output.length} bytes`,
    })
  return output.subarray(saltBytes)
}

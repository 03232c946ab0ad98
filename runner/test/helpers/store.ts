import { assemble } from '../../../sdk/test/helpers/wasm.ts'

export { collect, rejection } from '../../../sdk/test/helpers/rejection.ts'

/** Bytes that differ for every seed and hardly repeat. */
export function bytesOf(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16) + seed + 1) & 255)
}

/** A program whose data begins with some bytes. */
export function programOf(seed: number): Uint8Array<ArrayBuffer> {
  return assemble(
    `(module (memory (export "memory") 1) (data (i32.const 0) "${seed}, and more data") (func (export "run")))`,
  )
}

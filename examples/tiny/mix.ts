const WORD = (1n << 64n) - 1n

/** Inputs of the tiny program are at most this long; it exits with code 1 on longer ones. */
export const TINY_INPUT_LIMIT = 64

/** Different 8-byte inputs, one per task. */
export function tinyInputs(tasks: number): Uint8Array[] {
  return Array.from({ length: tasks }, (_, task) => {
    const input = new DataView(new ArrayBuffer(8))
    input.setUint32(0, task, true)
    return new Uint8Array(input.buffer)
  })
}

/** What the tiny program answers: 8 bytes, a SplitMix64 hash of the input. */
export function tinyOutput(input: Uint8Array): Uint8Array {
  const padded = new Uint8Array(TINY_INPUT_LIMIT)
  padded.set(input)
  const view = new DataView(padded.buffer)
  let hash = BigInt(input.length)
  for (let at = 0; at < input.length; at += 8) {
    hash = mix64(hash + 0x9e3779b97f4a7c15n + view.getBigUint64(at, true))
  }
  const output = new DataView(new ArrayBuffer(8))
  output.setBigUint64(0, mix64(hash), true)
  return new Uint8Array(output.buffer)
}

/** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
function mix64(value: bigint): bigint {
  let z = value & WORD
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & WORD
  return z ^ (z >> 31n)
}

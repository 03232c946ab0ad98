/** What the faults program can be asked to do, and the first byte that asks for it. */
const faults = {
  /** Halts; the output is the whole input. */
  echo: 0,
  /** Traps. */
  trap: 1,
  /** Never ends. */
  loop: 2,
  /** Exits with code `amount` from below a hundred calls; the output is the request's first byte. */
  exit: 3,
  /** Writes `amount` zero bytes. */
  write: 4,
  /** Grows memory by `amount` pages (it starts with 2 and may have 256); the output is what memory.grow returned, i32. */
  grow: 5,
  /** Hands the host an address outside memory: traps. */
  address: 6,
  /** Divides by `amount`: traps for 0. */
  divide: 7,
  /** Calls itself without end: traps. */
  recurse: 8,
} as const

export type Fault = keyof typeof faults

/** Input that asks the faults program to misbehave: one byte, then `amount` as little-endian u32. Other first bytes exit with 255. */
export function faultInput(fault: Fault, amount = 0): Uint8Array {
  const input = new DataView(new ArrayBuffer(5))
  input.setUint8(0, faults[fault])
  input.setUint32(1, amount, true)
  return new Uint8Array(input.buffer)
}

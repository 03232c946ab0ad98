import { concat } from '../../src/vm/bytes.ts'
import type { MachineTask } from '../../src/vm/engine.ts'
import { op, opcodeOf, opcodes, pageSize } from '../../src/vm/isa.ts'
import { ReferenceMachine } from '../../src/vm/reference/machine.ts'
import { committedTask } from '../../src/vm/reference/task.ts'
import type { ProgramImage } from '../../src/vm/state.ts'
import { ByteTree } from '../../src/vm/trees/byteTree.ts'
import { encodeWord, type Word } from '../../src/vm/word.ts'

/** An instruction by name. */
export function instruction(name: string, fields: Partial<Word> = {}): Uint8Array {
  return encodeWord({ ...fields, op: op(name) })
}

/** A program of some words, with one page of memory unless said otherwise. */
export function programOf(words: readonly Uint8Array[], parts: Partial<ProgramImage> = {}): ProgramImage {
  return {
    code: concat(words),
    table: [],
    globals: new BigUint64Array(0),
    memory: new Map(),
    initialPages: 1,
    maxPages: 1,
    entry: 0,
    ...parts,
  }
}

/** A job without inputs and with wide limits unless said otherwise. */
export function jobOf(program: ProgramImage, parts: Partial<MachineTask> = {}): MachineTask {
  const none = new Uint8Array(0)
  return { program, input: none, shared: none, stepLimit: 1_000_000n, maxOutput: 1_000_000, ...parts }
}

/** A machine at pc 0 of some words, with these values in its first slots. */
export function machineOf(
  words: readonly Uint8Array[],
  slots: readonly bigint[] = [],
  { program, ...job }: Partial<Omit<MachineTask, 'program'>> & { program?: Partial<ProgramImage> } = {},
): ReferenceMachine {
  const machine = new ReferenceMachine(jobOf(programOf(words, program), job))
  for (const [index, value] of slots.entries()) machine.frame.setValue(index, value)
  return machine
}

/** After one step: why it trapped, how it ended, or 'running'. */
export function stepped(machine: ReferenceMachine): string {
  machine.step()
  const { ending } = machine
  return ending === undefined ? 'running' : (ending.trap ?? ending.status)
}

/** Repeatable random choices. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** u32. */
  next(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  below(limit: number): number {
    return this.next() % limit
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<value>(values: readonly value[]): value {
    return values[this.below(values.length)]!
  }

  u64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next())
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let index = 0; index < length; index++) bytes[index] = this.next()
    return bytes
  }
}

/** Bits at which numeric instructions change their mind. */
export const edges: readonly bigint[] = [
  ...[0n, 1n, 2n, 7n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 255n, 0x7fffn, 0x8000n, 0xffffn],
  ...[0x7fff_fffen, 0x7fff_ffffn, 0x8000_0000n, 0x8000_0001n, 0xffff_fffen, 0xffff_ffffn],
  ...[0x1_0000_0000n, 0x1_0000_0001n, 0x1f_ffff_ffff_ffffn, 0x20_0000_0000_0001n, 0x7fff_ff40_0000_0001n],
  ...[0x7fff_ffff_ffff_fffen, 2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 2n, 2n ** 64n - 1n],
  // f32: ±0, ±1, halves, 2^31, −2^31, 2^32, 2^63, −2^63, 2^64, greatest, least, subnormal, ±∞, NaNs with payloads
  ...[0x8000_0000n, 0x3f80_0000n, 0xbf80_0000n, 0x3f00_0000n, 0xbf00_0000n, 0x3fc0_0000n, 0x4020_0000n],
  ...[0x4f00_0000n, 0x4eff_ffffn, 0xcf00_0000n, 0xcf00_0001n, 0x4f80_0000n, 0x5f00_0000n, 0xdf00_0000n],
  ...[0x5f80_0000n, 0x7f7f_ffffn, 0x0080_0000n, 0x007f_ffffn, 0x0000_0001n, 0x8000_0001n, 0x4b00_0001n],
  ...[0x7f80_0000n, 0xff80_0000n, 0x7fc0_0000n, 0xffc0_0000n, 0x7f80_0001n, 0x7fa5_5555n, 0x4b80_0001n],
  // f64 alike
  ...[0x3ff0_0000_0000_0000n, 0xbff0_0000_0000_0000n, 0x3fe0_0000_0000_0000n, 0xbfe0_0000_0000_0000n],
  ...[0x3ff8_0000_0000_0000n, 0x4004_0000_0000_0000n, 0x41df_ffff_ffc0_0000n, 0x41e0_0000_0000_0000n],
  ...[0xc1e0_0000_0000_0000n, 0xc1e0_0000_0020_0000n, 0x41ef_ffff_ffe0_0000n, 0x41f0_0000_0000_0000n],
  ...[0x43e0_0000_0000_0000n, 0xc3e0_0000_0000_0000n, 0x43f0_0000_0000_0000n, 0x43ef_ffff_ffff_ffffn],
  ...[0x7fef_ffff_ffff_ffffn, 0x0010_0000_0000_0000n, 0x000f_ffff_ffff_ffffn, 0x47ef_ffff_f000_0000n],
  ...[0x47ef_ffff_efff_ffffn, 0x36a0_0000_0000_0000n, 0x36a0_0000_0000_0001n, 0x4330_0000_0000_0001n],
  ...[0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n, 0x7ff8_0000_0000_0000n, 0xfff8_0000_0000_0000n],
  ...[0x7ff0_0000_0000_0001n, 0x7ff4_5555_5555_5555n, 0x3ff0_0000_1000_0000n, 0x3ff0_0000_3000_0000n],
]

const repeatingNames = ['memory_copy', 'memory_fill', 'input_read', 'output_write']

/** A word: mostly of a known instruction, whose fields are mostly sensible. */
export function randomWord(random: Random, name?: string): Uint8Array {
  if (name === undefined && random.chance(4)) return random.bytes(32)
  const opcode = name === undefined ? random.pick(opcodes) : opcodeOf[op(name)]!
  const slot = () => (random.chance(98) ? random.below(40) : random.next() & 0xffff)
  const value = () => (random.chance(50) ? BigInt(random.below(600)) : randomValue(random))
  const isAccess = opcode.form === 'load' || opcode.form === 'store'
  const target = isAccess ? random.below(2 * pageSize) : random.next()
  const type = opcode.form === 'callIndirect' ? random.below(3) : random.below(40)
  return encodeWord({
    op: opcode.code,
    flags: random.chance(60) ? random.below(16) : random.chance(10) ? random.next() & 0xff : 0,
    d: slot(),
    a: slot(),
    b: slot(),
    c: slot(),
    t: random.chance(80) ? type : target,
    x: value(),
    y: value(),
  })
}

/** A value of a slot: small, a place in memory, an edge, or anything. */
export function randomValue(random: Random): bigint {
  switch (random.below(6)) {
    case 0:
      return BigInt(random.below(8))
    case 1:
      return BigInt(random.below(1_000))
    case 2:
      return (
        BigInt(random.below(3) * pageSize + random.below(300)) +
        (random.chance(10) ? random.u64() << 32n : 0n)
      )
    case 3:
      return random.pick(edges)
    case 4:
      return (BigInt(pageSize * random.below(4)) - BigInt(random.below(300))) & 0xffff_ffffn
    default:
      return random.u64()
  }
}

function randomSlots(random: Random, depth: number, value: () => bigint): ByteTree {
  const tree = new ByteTree(depth)
  for (let index = 0; index < 40; index++) if (random.chance(80)) tree.setValue(index, value())
  if (random.chance(10)) tree.setValue(1_023, value())
  return tree
}

/**
 * A machine in any state, most often one in which the next instruction does something.
 * @param word - At which it stands.
 */
export function randomMachine(random: Random, word: Uint8Array): ReferenceMachine {
  const before = random.below(6)
  const words = Array.from({ length: before + 1 + random.below(3) }, () => instruction('move', { d: 1 }))
  words[before] = word
  const pages = random.pick([0, 1, 1, 1, 2, 3])
  const maxPages = random.chance(95) ? pages + random.below(3) : random.pick([0, 16_384, 16_385, 2 ** 32 - 1])
  const steps = random.chance(95) ? BigInt(random.below(1_000)) : random.u64()
  const limit = random.chance(90)
    ? steps + 1n + BigInt(random.below(3))
    : random.pick([steps, 2n ** 64n - 1n])
  const program: ProgramImage = {
    code: concat(words),
    table: Array.from({ length: random.pick([0, 600, 600]) }, () => ({
      type: random.below(3),
      weight: random.chance(90) ? random.below(500) : random.next(),
      pc: random.below(8),
    })),
    globals: BigUint64Array.from({ length: random.below(40) }, () => randomValue(random)),
    memory: new Map(),
    initialPages: pages,
    maxPages,
    entry: 0,
  }
  const task = committedTask(
    {
      program,
      input: random.bytes(random.below(700)),
      shared: random.bytes(random.below(300)),
      stepLimit: limit < 2n ** 64n ? limit : 2n ** 64n - 1n,
      maxOutput: random.chance(90) ? 2_000 : random.next(),
    },
    {
      ...(random.chance(3) ? { version: random.below(3) } : {}),
      ...(random.chance(5) ? { lengths: [random.u64(), BigInt(random.next())] as const } : {}),
    },
  )

  const machine = new ReferenceMachine(task)
  const isCalm = random.chance(60)
  const value = () => (isCalm ? BigInt(random.below(600)) : randomValue(random))
  machine.steps = steps
  machine.pc = random.chance(97) ? before : random.pick([40, 2 ** 20 - 1, 2 ** 20, 2 ** 32 - 1])
  machine.frame = randomSlots(random, 6, value)
  const repeats = repeatingNames.some((name) => op(name) === word[0])
  const arg = () => (random.chance(80) ? BigInt(random.below(600)) : value())
  machine.args = randomSlots(random, 6, arg)
  if (random.chance(70)) machine.args.setValue(0, BigInt(random.below(3)))
  machine.rep = random.chance(repeats ? 30 : 2) ? (random.chance(90) ? random.below(200) : random.next()) : 0
  machine.stack = random.chance(90) ? random.below(2_000) : random.next()
  machine.reserved = random.chance(1) ? random.next() : 0
  if (random.chance(2)) machine.pages = random.next()
  for (let page = 0; page < Math.min(machine.pages, 4); page++) {
    machine.memory.write(page * pageSize, random.bytes(400))
    machine.memory.write((page + 1) * pageSize - 300, random.bytes(300))
  }
  const written = random.below(600)
  machine.output.write(0, random.bytes(written))
  machine.outputLength = random.chance(97) ? written : random.next()
  for (let link = random.below(3); link > 0; link--)
    machine.suspended.push({
      frame: randomSlots(random, 6, value),
      returnPc: random.chance(90) ? random.below(9) : random.next(),
      stack: random.below(2_000),
      resultSlot: random.chance(90) ? random.below(40) : random.next() & 0xffff,
    })
  return machine
}

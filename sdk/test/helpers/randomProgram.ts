import type { Job } from '../../src/vm/engine.ts'
import { flag, type Opcode, opcodes } from '../../src/vm/isa.ts'
import type { ProgramImage } from '../../src/vm/state.ts'
import { encodeWord, type Word } from '../../src/vm/word.ts'
import type { createSeeded } from './seeded.ts'

type Random = ReturnType<typeof createSeeded>

/** Values at which numeric instructions change their ways. */
const edges: readonly bigint[] = [
  ...[
    0n,
    1n,
    2n,
    7n,
    31n,
    32n,
    63n,
    64n,
    127n,
    128n,
    255n,
    0xffffn,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
  ],
  ...[0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn, 0x1_0000_0000n],
  // f32: 1, −1.5, 2^31, ∞, NaN with a payload, −0
  ...[0x3f80_0000n, 0xbfc0_0000n, 0x4f00_0000n, 0x7f80_0000n, 0xffc0_0001n, 0x8000_0000n, 0x7fa0_0000n],
  // f64: 1, −2.5, 2^31, 2^63, −∞, NaN with a payload, the least
  ...[0x3ff0_0000_0000_0000n, 0xc004_0000_0000_0000n, 0x41e0_0000_0000_0000n, 0x43e0_0000_0000_0000n],
  ...[0xfff0_0000_0000_0000n, 0x7ff4_0000_0000_0001n, 1n],
]

export function randomValue({ below, pick, word }: Random): bigint {
  if (below(3) === 0) return BigInt(below(200))
  if (below(3) > 0) return pick(edges)
  return (BigInt(word()) << 32n) | BigInt(word())
}

const common = opcodes.filter(({ form }) =>
  [
    'jump',
    'branch',
    'jumpTable',
    'call',
    'arg',
    'result',
    'return',
    'move',
    'load',
    'store',
    'memoryCopy',
  ].includes(form),
)
const rare = new Set<Opcode['form']>(['trap', 'exit'])

/** An instruction that mostly does something: small slots, constants at edges, targets in or near the code. */
export function randomWord(random: Random, { count, wild = 60 }: { count: number; wild?: number }): Word {
  const { below, pick } = random
  let opcode = below(3) === 0 ? pick(common) : pick(opcodes)
  if (rare.has(opcode.form) && below(5) > 0) opcode = pick(common)
  const odd = () => below(wild) === 0
  const slot = () => (odd() ? pick([1_023, 1_024, 65_535, 1_000]) : below(6))
  const { form } = opcode
  let t = odd() ? pick([count, count + 1, 2 ** 20, 0xffff_ffff, 1_024]) : below(count)
  if (form === 'arg' || form === 'result' || form === 'globalGet' || form === 'globalSet')
    t = odd() ? pick([1_023, 1_024, 0xffff_ffff]) : below(5)
  if (form === 'load' || form === 'store') t = odd() ? pick([0xffff_ffff, 65_530, 2 ** 31]) : below(300)
  if (form === 'callIndirect') t = below(4)
  let x = randomValue(random)
  if (form === 'call') x = odd() ? pick([1_048_577n, 1n << 32n, 400_000n]) : BigInt(below(60))
  let y = randomValue(random)
  if (form === 'jumpTable') y = odd() ? y : BigInt(below(5))
  const flags =
    below(4) |
    (below(2) === 0 ? flag.hasValue : 0) |
    (below(2) === 0 ? flag.emptiesArgs : 0) |
    (odd() ? 0xf0 : 0)
  return { op: odd() ? below(256) : opcode.code, flags, d: slot(), a: slot(), b: slot(), c: slot(), t, x, y }
}

/** A small program of random words, with memory, table and globals. */
export function randomProgram(random: Random): ProgramImage {
  const { below, bytes } = random
  const count = 3 + below(40)
  const code = new Uint8Array(32 * count)
  for (let i = 0; i < count; i++) code.set(encodeWord(randomWord(random, { count })), 32 * i)
  const initialPages = below(3)
  const memory = new Map<number, Uint8Array>()
  if (initialPages > 0) {
    const page = new Uint8Array(65_536)
    page.set(bytes(600))
    page.set(bytes(100), 65_436)
    memory.set(initialPages - 1, page)
  }
  return {
    code,
    table: Array.from({ length: below(6) }, () => ({
      type: below(4),
      weight: below(50),
      pc: below(20) === 0 ? count + below(3) : below(count),
    })),
    globals: BigUint64Array.from({ length: below(6) }, () => randomValue(random)),
    memory,
    initialPages,
    maxPages: initialPages + below(3),
    entry: below(15) === 0 ? below(count + 3) : 0,
  }
}

export function randomJob(random: Random, program: ProgramImage, stepLimit: bigint): Job {
  const { below, bytes } = random
  return {
    program,
    input: bytes(below(700)),
    shared: bytes(below(3) * 200),
    stepLimit,
    maxOutput: below(2000),
  }
}

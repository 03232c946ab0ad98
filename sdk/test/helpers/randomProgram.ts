import type { MachineTask } from '../../src/vm/engine.ts'
import { flag, type Opcode, opcodes } from '../../src/vm/isa.ts'
import type { ProgramImage } from '../../src/vm/state.ts'
import { encodeWord, type Word } from '../../src/vm/word.ts'
import { edges, type Random } from './vmStates.ts'

/** Small, an edge, or anything. */
function randomValue(random: Random): bigint {
  if (random.chance(35)) return BigInt(random.below(200))
  return random.chance(70) ? random.pick(edges) : random.u64()
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
function randomWord(
  random: Random,
  { count, wild = 60, favourite }: { count: number; wild?: number; favourite?: Opcode | undefined },
): Word {
  let opcode = random.below(3) === 0 ? random.pick(common) : random.pick(opcodes)
  if (rare.has(opcode.form) && random.below(5) > 0) opcode = random.pick(common)
  if (favourite !== undefined && random.below(3) === 0) opcode = favourite
  const odd = () => random.below(wild) === 0
  const slot = () => (odd() ? random.pick([1_023, 1_024, 65_535, 1_000]) : random.below(6))
  const { form } = opcode
  let t = odd() ? random.pick([count, count + 1, 2 ** 20, 0xffff_ffff, 1_024]) : random.below(count)
  if (form === 'arg' || form === 'result' || form === 'globalGet' || form === 'globalSet')
    t = odd() ? random.pick([1_023, 1_024, 0xffff_ffff]) : random.below(5)
  if (form === 'load' || form === 'store')
    t = odd() ? random.pick([0xffff_ffff, 65_530, 2 ** 31]) : random.below(300)
  if (form === 'callIndirect') t = random.below(4)
  let x = randomValue(random)
  if (form === 'call') x = odd() ? random.pick([1_048_577n, 1n << 32n, 400_000n]) : BigInt(random.below(60))
  let y = randomValue(random)
  if (form === 'jumpTable') y = odd() ? y : BigInt(random.below(5))
  const flags =
    random.below(4) |
    (random.below(2) === 0 ? flag.hasValue : 0) |
    (random.below(2) === 0 ? flag.emptiesArgs : 0) |
    (odd() ? 0xf0 : 0)
  return {
    op: odd() ? random.below(256) : opcode.code,
    flags,
    d: slot(),
    a: slot(),
    b: slot(),
    c: slot(),
    t,
    x,
    y,
  }
}

/** A small program of random words, with memory, table and globals. A third of them are the favourite, if there is one. */
export function randomProgram(random: Random, favourite?: Opcode): ProgramImage {
  const count = 3 + random.below(40)
  const code = new Uint8Array(32 * count)
  for (let i = 0; i < count; i++) code.set(encodeWord(randomWord(random, { count, favourite })), 32 * i)
  const initialPages = random.below(3)
  const memory = new Map<number, Uint8Array>()
  if (initialPages > 0) {
    const page = new Uint8Array(65_536)
    page.set(random.bytes(600))
    page.set(random.bytes(100), 65_436)
    memory.set(initialPages - 1, page)
  }
  return {
    code,
    table: Array.from({ length: random.below(6) }, () => ({
      type: random.below(4),
      weight: random.below(50),
      pc: random.below(20) === 0 ? count + random.below(3) : random.below(count),
    })),
    globals: BigUint64Array.from({ length: random.below(6) }, () => randomValue(random)),
    memory,
    initialPages,
    maxPages: initialPages + random.below(3),
    entry: random.below(15) === 0 ? random.below(count + 3) : 0,
  }
}

export function randomJob(random: Random, program: ProgramImage, stepLimit: bigint): MachineTask {
  return {
    program,
    input: random.bytes(random.below(700)),
    shared: random.bytes(random.below(3) * 200),
    stepLimit,
    maxOutput: random.below(2000),
  }
}

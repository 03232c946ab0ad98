import { type Form, flag, opcodeOf } from '../isa.ts'
import { readWord } from '../word.ts'

/** A word's fields as text: those that its instruction uses. */
type Operands = { a: string; b: string; c: string; d: string; t: number; x: bigint; y: bigint; flags: number }

const hexConstant = (value: bigint) => (value < 1024n ? `${value}` : `0x${value.toString(16)}`)

/** `name` is the instruction's; what is written stands before an arrow. */
const layouts: Readonly<Record<Form, (name: string, operands: Operands) => string>> = {
  trap: (name) => name,
  jump: (name, { t }) => `${name} @${t}`,
  branch: (name, { a, t }) => `${name} ${a} @${t}`,
  jumpTable: (name, { a, y }) => `${name} ${a} 0..${y}`,
  return: (name, { a, flags }) => ((flags & flag.hasValue) === 0 ? name : `${name} ${a}`),
  call: (name, { d, t, x }) => `${d} = ${name} @${t} weight ${x}`,
  callIndirect: (name, { d, a, t }) => `${d} = ${name} ${a} type ${t}`,
  select: (name, { d, a, b, c }) => `${d} = ${name} ${a} ${b} ${c}`,
  move: (name, { d, a }) => `${d} = ${name} ${a}`,
  arg: (name, { a, t }) => `${name} ${t} ${a}`,
  result: (name, { d, t, flags }) => `${d} = ${name} ${t}${(flags & flag.emptiesArgs) === 0 ? '' : ' last'}`,
  globalGet: (name, { d, t }) => `${d} = ${name} g${t}`,
  globalSet: (name, { a, t }) => `${name} g${t} ${a}`,
  load: (name, { d, a, t }) => `${d} = ${name} ${a}+${t}`,
  store: (name, { a, b, t }) => `${name} ${a}+${t} ${b}`,
  memorySize: (name, { d }) => `${d} = ${name}`,
  memoryGrow: (name, { d, a }) => `${d} = ${name} ${a}`,
  memoryCopy: (name, { a, b, c }) => `${name} ${a} ${b} ${c}`,
  memoryFill: (name, { a, b, c }) => `${name} ${a} ${b} ${c}`,
  inputSize: (name, { d }) => `${d} = ${name}`,
  inputRead: (name, { d }) => `${d} = ${name}`,
  outputWrite: (name) => name,
  exit: (name) => name,
  unary: (name, { d, a }) => `${d} = ${name} ${a}`,
  binary: (name, { d, a, b }) => `${d} = ${name} ${a} ${b}`,
}

/**
 * An instruction as people read it: `s3 = i32.add s1 7`. Slots are `s`, globals `g`, targets `@`; constants are
 * plain numbers, from 1024 on in hex.
 * @param code - 32 bytes for each instruction.
 * @param pc - Which of them; past the end it is `unreachable`.
 */
export function disassemble(code: Uint8Array, pc = 0): string {
  const word = readWord(code, pc)
  const opcode = opcodeOf[word.op]
  if (opcode === undefined) return `unknown 0x${word.op.toString(16).padStart(2, '0')}`
  const { flags, d, a, b, c, t, x, y } = word
  return layouts[opcode.form](opcode.name, {
    a: (flags & flag.constantA) === 0 ? `s${a}` : hexConstant(x),
    b: (flags & flag.constantB) === 0 ? `s${b}` : hexConstant(y),
    c: `s${c}`,
    d: `s${d}`,
    t,
    x,
    y,
    flags,
  })
}

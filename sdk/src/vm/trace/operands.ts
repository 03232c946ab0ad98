import { flag, type Opcode } from '../isa.ts'
import type { Program } from '../program.ts'
import type { ReferenceMachine } from '../reference/machine.ts'
import { typeName } from '../wasm/types.ts'
import type { Word } from '../word.ts'
import { type ValueKind, valueText } from './values.ts'

/** A value and what the instruction calls it: `s3` a slot, `g0` a global, `arg 1` an argument, `a` a constant. */
export type NamedValue = {
  name: string
  bits: bigint
  /** The value as a number of the type that the instruction takes it for. */
  text: string
}

/** What a state has, as far as an instruction can see it. */
export type Values = Pick<ReferenceMachine, 'frame' | 'args' | 'globals'>

type Operand = 'a' | 'b' | 'c'

/** Arguments that host instructions take. */
const hostArguments: Readonly<Partial<Record<Opcode['form'], readonly string[]>>> = {
  inputSize: ['stream'],
  inputRead: ['stream', 'offset', 'destination', 'length'],
  outputWrite: ['source', 'length'],
  exit: ['code'],
}

const movesMemory = new Set<Opcode['form']>(['memoryCopy', 'memoryFill'])

/** What an instruction reads; the values are those before its step. */
export function valuesRead(word: Word, opcode: Opcode, values: Values, program: Program): NamedValue[] {
  const { form, reads } = opcode
  const read: NamedValue[] = []
  for (const operand of reads === '' ? [] : ([...reads] as Operand[])) {
    if (form === 'return' && (word.flags & flag.hasValue) === 0) continue
    const kind = kindOf(operand, opcode, word, program)
    const constant = constantOf(operand, word)
    if (constant === undefined) read.push(named(`s${word[operand]}`, values.frame.value(word[operand]), kind))
    // most constants say as much in the instruction itself
    else if (valueText(constant, kind) !== valueText(constant, 'bits'))
      read.push(named(operand, constant, kind))
  }
  if (form === 'globalGet') read.push(globalOf(word, values, program))
  if (form === 'result') read.push(argOf(word, values))
  for (const [index, name] of (hostArguments[form] ?? []).entries())
    read.push(named(name, values.args.value(index), 'u32'))
  return read
}

/** An operand's bits, whether it is a slot or a constant. */
export function operandBits(operand: Operand, word: Word, { frame }: Values): bigint {
  return constantOf(operand, word) ?? frame.value(word[operand])
}

/** The slot that an instruction writes; the values are those after its step, as in what follows. */
export function slotWritten(word: Word, opcode: Opcode, { frame }: Values, program: Program): NamedValue {
  return named(`s${word.d}`, frame.value(word.d), resultKind(word, opcode, program))
}

/** The argument that an instruction names. */
export function argOf({ t }: Word, { args }: Values): NamedValue {
  return named(`arg ${t}`, args.value(t), 'bits')
}

/** The global that an instruction names. */
export function globalOf(word: Word, { globals }: Values, program: Program): NamedValue {
  return named(`g${word.t}`, globals.value(word.t), globalKind(word, program))
}

export function named(name: string, bits: bigint, kind: ValueKind): NamedValue {
  return { name, bits, text: valueText(bits, kind) }
}

/** As what an instruction takes one of its operands. */
function kindOf(operand: Operand, opcode: Opcode, word: Word, program: Program): ValueKind {
  const { form, name } = opcode
  switch (form) {
    case 'unary':
    case 'binary':
      // conversions name what they take after what they give
      return (/_([if](?:32|64))/.exec(name)?.[1] ?? name.slice(0, 3)) as ValueKind
    case 'load':
      return 'u32'
    case 'store':
      return operand === 'a' ? 'u32' : opcode.type!
    case 'select':
      return operand === 'c' ? 'i32' : 'bits'
    case 'branch':
      return 'i32'
    case 'jumpTable':
    case 'callIndirect':
    case 'memoryGrow':
      return 'u32'
    case 'globalSet':
      return globalKind(word, program)
    default:
      return movesMemory.has(form) ? 'u32' : 'bits'
  }
}

function resultKind(word: Word, { form, type }: Opcode, program: Program): ValueKind {
  if (form === 'globalGet') return globalKind(word, program)
  if (form === 'memoryGrow') return 'i32'
  if (form === 'memorySize' || form === 'inputSize' || form === 'inputRead') return 'u32'
  return form === 'load' || form === 'unary' || form === 'binary' ? type! : 'bits'
}

function globalKind({ t }: Word, { module }: Program): ValueKind {
  const global = module.globals[t]
  return global === undefined ? 'bits' : (typeName(global.type) as ValueKind)
}

function constantOf(operand: Operand, { flags, x, y }: Word): bigint | undefined {
  if (operand === 'a' && (flags & flag.constantA) !== 0) return x
  if (operand === 'b' && (flags & flag.constantB) !== 0) return y
  return undefined
}

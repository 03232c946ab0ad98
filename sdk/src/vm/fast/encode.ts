import { flag, type Opcode } from '../isa.ts'
import type { ProgramImage } from '../state.ts'
import { fieldAt, wordSize } from '../word.ts'
import { type Analysis, analyse, readWords, tableBound, type Words } from './analysis.ts'
import * as at from './layout.ts'
import { operationNames } from './modules/engine.ts'

const numbers: ReadonlyMap<string, number> = new Map(operationNames.map((name, number) => [name, number]))

/** Number of an operation of the machine. */
export function operation(name: string): number {
  const number = numbers.get(name)
  if (number === undefined) throw new TypeError(`The fast machine has no operation ${name}.`)
  return number
}

/** Tries an instruction whose operands are all constant: its value, or the reason for which it traps. */
export type Trial = (name: string, a: Constant, b: Constant) => { trap: number } | { value: Constant }
/** A constant: its low and high half. */
export type Constant = readonly [low: number, high: number]

const none: Constant = [0, 0]
const noSlot = 0xffff
/** No address of a memory of at most 1 GiB. */
const outside = 0x7fff_ffff

/** Writes a program's records, table and constants into the machine's memory. */
export function writeRecords(program: ProgramImage, memory: ArrayBuffer, trial: Trial): Analysis {
  const words = readWords(program.code)
  const analysis = analyse(words, program)
  const encoder = new Encoder(words, analysis, memory, trial)
  for (let i = 0; i < words.count; i++) encoder.encode(i)
  encoder.end()
  encoder.fuse()
  encoder.writeTable(program)
  return analysis
}

class Encoder {
  readonly #words: Words
  readonly #analysis: Analysis
  readonly #u16: Uint16Array
  readonly #u32: Uint32Array
  readonly #trial: Trial
  #pc = 0

  constructor(words: Words, analysis: Analysis, memory: ArrayBuffer, trial: Trial) {
    this.#words = words
    this.#analysis = analysis
    this.#u16 = new Uint16Array(memory)
    this.#u32 = new Uint32Array(memory)
    this.#trial = trial
  }

  encode(pc: number) {
    this.#pc = pc
    const { opcodes, flags, t } = this.#words
    const opcode = opcodes[pc]
    if (!opcode) return this.#trap(at.trapInstruction)
    const { name, form } = opcode
    const constantA = (flags[pc]! & flag.constantA) !== 0
    const args = this.#frameBytes
    switch (form) {
      case 'trap':
        return this.#trap(at.trapUnreachable)
      case 'jump':
        return this.#jump(t[pc]!)
      case 'branch':
        return this.#branch(name, constantA)
      case 'jumpTable':
        return this.#jumpTable(constantA)
      case 'call':
        return this.#call()
      case 'callIndirect':
        if (constantA) return this.#write('call_indirect:a', this.#d, args, 0, [t[pc]!, this.#x[0]])
        return this.#write('call_indirect', this.#d, args, this.#a, [t[pc]!, 0])
      case 'return':
        return this.#return(constantA)
      case 'move':
      case 'arg': {
        const d = form === 'move' ? this.#d : args + 8 * t[pc]!
        return constantA ? this.#write('move:a', d, 0, 0, this.#x) : this.#write('move', d, this.#a)
      }
      case 'result': {
        const empties = (flags[pc]! & flag.emptiesArgs) !== 0
        return this.#write(empties ? 'result:empty' : 'move', this.#d, args + 8 * t[pc]!, args)
      }
      case 'select':
        return this.#select()
      case 'globalGet':
        return this.#write('global_get', this.#d, 0, 0, [at.globals + 8 * t[pc]!, 0])
      case 'globalSet':
        if (constantA) return this.#write('global_set:a', 8 * t[pc]!, 0, 0, this.#x)
        return this.#write('global_set', 0, this.#a, 0, [at.globals + 8 * t[pc]!, 0])
      case 'load':
      case 'store':
        return this.#access(opcode, constantA)
      case 'memorySize':
        return this.#write('memory_size', this.#d)
      case 'memoryGrow':
        return constantA
          ? this.#write('memory_grow:a', this.#d, 0, 0, this.#x)
          : this.#write('memory_grow', this.#d, this.#a)
      case 'memoryCopy':
      case 'memoryFill':
        this.#keepConstants()
        return this.#write(name, flags[pc]!, this.#a, this.#b, [8 * this.#words.c[pc]!, this.#constants])
      case 'inputSize':
      case 'inputRead':
        return this.#write(name, this.#d, args)
      case 'outputWrite':
      case 'exit':
        return this.#write(name, 0, args)
      case 'unary':
        if (constantA) return this.#fold(name)
        return this.#write(name, this.#d, this.#a)
      case 'binary':
        return this.#binary(name, constantA)
    }
  }

  /** The record behind the last instruction, and the one of whatever lies elsewhere: both trap. */
  end() {
    this.#pc = this.#words.count
    this.#trap(at.trapUnreachable)
    this.#writeAt(at.wild, 'trap', 0, 0, 0, [at.trapUnreachable, 0])
  }

  /** Lets a comparison take the branch on its result with it. The branch's own record stays, for jumps to it. */
  fuse() {
    const { count } = this.#words
    const branches = new Set([operation('jump_if'), operation('jump_unless')])
    for (let i = 0; i + 1 < count; i++) {
      const record = (at.code + i * at.recordSize) >> 1
      const branch = this.#u16[record + 8]!
      if (!branches.has(branch) || this.#u16[record + 10] !== this.#u16[record + 1]) continue
      const fused = numbers.get(`${operationNames[this.#u16[record]!]}+${operationNames[branch]}`)
      if (fused !== undefined) this.#u16[record] = fused
    }
  }

  writeTable({ table }: ProgramImage) {
    for (const [index, { type, weight, pc }] of table.entries()) {
      const entry = (at.table >> 2) + 4 * index
      this.#u32[entry] = type
      this.#u32[entry + 1] = weight
      this.#u32[entry + 2] = pc > this.#words.count ? at.wild : at.code + at.recordSize * pc
      this.#u32[entry + 3] = pc
    }
  }

  get #part(): number {
    return this.#analysis.part[this.#pc]!
  }

  get #frameBytes(): number {
    return this.#analysis.frameBytes[this.#part]!
  }

  // Offsets of slots; the result slot of a call is its number.
  get #d(): number {
    const form = this.#words.opcodes[this.#pc]!.form
    const d = this.#words.d[this.#pc]!
    return form === 'call' || form === 'callIndirect' ? d : 8 * d
  }

  get #a(): number {
    return 8 * (this.#words.a[this.#pc]! & 1023)
  }

  get #b(): number {
    return 8 * (this.#words.b[this.#pc]! & 1023)
  }

  get #x(): Constant {
    return this.#constant(fieldAt.x)
  }

  get #y(): Constant {
    return this.#constant(fieldAt.y)
  }

  #constant(offset: number): Constant {
    const { code } = this.#words
    const place = this.#pc * wordSize + offset
    return [code.getUint32(place + 4), code.getUint32(place)]
  }

  /** Where this instruction's constants stand when they do not fit into its record. */
  get #constants(): number {
    return at.constants + 16 * this.#pc
  }

  #keepConstants() {
    const [x, y, place] = [this.#x, this.#y, this.#constants >> 2]
    this.#u32.set([x[0], x[1], y[0], y[1]], place)
  }

  #write(name: string, d = 0, a = 0, b = 0, constant: Constant = none) {
    this.#writeAt(at.code + at.recordSize * this.#pc, name, d, a, b, constant)
  }

  #writeAt(record: number, name: string, d: number, a: number, b: number, constant: Constant) {
    const half = record >> 1
    this.#u16[half] = operation(name)
    this.#u16[half + 1] = d
    this.#u16[half + 2] = a
    this.#u16[half + 3] = b
    this.#u32[(record >> 2) + 2] = constant[0]
    this.#u32[(record >> 2) + 3] = constant[1]
  }

  #trap(reason: number) {
    this.#write('trap', 0, 0, 0, [reason, 0])
  }

  #distance(target: number): number {
    return at.recordSize * (target - this.#pc - 1)
  }

  #jump(target: number) {
    if (target > this.#words.count) this.#write('jump_wild', this.#frameBytes, noSlot, 0, [target, 0])
    else this.#write('jump', 0, 0, 0, [this.#distance(target), 0])
  }

  #branch(name: string, constantA: boolean) {
    const target = this.#words.t[this.#pc]!
    const wanted = name === 'jump_if'
    if (constantA) {
      if ((this.#x[0] !== 0) === wanted) this.#jump(target)
      else this.#write('nothing')
    } else if (target > this.#words.count) {
      this.#write('jump_wild', this.#frameBytes, this.#a, wanted ? 1 : 0, [target, 0])
    } else {
      this.#write(name, 0, this.#a, 0, [this.#distance(target), 0])
    }
  }

  #jumpTable(constantA: boolean) {
    const highest = tableBound(this.#words, this.#pc)
    const first = this.#pc + 1
    if (constantA) this.#jump(Math.min(first + Math.min(this.#x[0], highest), 0xffff_ffff))
    else this.#write('jump_table', this.#frameBytes, this.#a, 0, [highest, this.#words.count - first])
  }

  #call() {
    const target = this.#words.t[this.#pc]!
    const [low, high] = this.#x
    const weight = high === 0 ? low : 0xffff_ffff
    if (target > this.#words.count) {
      this.#u32.set([target, 0], this.#constants >> 2)
      this.#write('call_wild', this.#d, this.#frameBytes, 0, [this.#constants, weight])
    } else {
      this.#write('call', this.#d, this.#frameBytes, 0, [at.code + at.recordSize * target, weight])
    }
  }

  #return(constantA: boolean) {
    const end = this.#analysis.leaves[this.#part] === 1 ? ':args' : ''
    if (!(this.#words.flags[this.#pc]! & flag.hasValue)) this.#write(`return${end}`, this.#frameBytes)
    else if (constantA) this.#write(`return:a${end}`, this.#frameBytes, 0, 0, this.#x)
    else this.#write(`return:slot${end}`, this.#frameBytes, this.#a)
  }

  #select() {
    const c = 8 * this.#words.c[this.#pc]!
    const kind = this.#words.flags[this.#pc]! & 3
    if (kind === 0) this.#write('select', this.#d, this.#a, this.#b, [c, 0])
    else if (kind === flag.constantA) this.#write('select:a', this.#d, c, this.#b, this.#x)
    else if (kind === flag.constantB) this.#write('select:b', this.#d, this.#a, c, this.#y)
    else {
      this.#keepConstants()
      this.#write('select:ab', this.#d, 0, c, [this.#constants, 0])
    }
  }

  #access({ name, form, width = 4 }: Opcode, constantA: boolean) {
    const { flags, t } = this.#words
    const end = Math.min((constantA ? this.#x[0] : 0) + t[this.#pc]! + width, outside)
    const base = constantA ? this.#analysis.zeroSlot[this.#part]! : this.#a
    if (form === 'load') return this.#write(name, this.#d, base, 0, [end, 0])
    if (!(flags[this.#pc]! & flag.constantB))
      return this.#write(`store${8 * width}`, 0, base, this.#b, [end, 0])
    if (width < 8) return this.#write(`store${8 * width}:b`, 0, base, 0, [end, this.#y[0]])
    this.#keepConstants()
    this.#write('store64:b', 0, base, 0, [end, this.#constants + 8])
  }

  #binary(name: string, constantA: boolean) {
    const constantB = (this.#words.flags[this.#pc]! & flag.constantB) !== 0
    if (constantA && constantB) return this.#fold(name)
    if (constantB) this.#write(`${name}:b`, this.#d, this.#a, 0, this.#y)
    else if (!constantA) this.#write(name, this.#d, this.#a, this.#b)
    else if (numbers.has(`${name}:a`)) this.#write(`${name}:a`, this.#d, 0, this.#b, this.#x)
    else this.#write(`${name}:b`, this.#d, this.#b, 0, this.#x)
  }

  #fold(name: string) {
    const result = this.#trial(name, this.#x, this.#y)
    if ('trap' in result) this.#trap(result.trap)
    else this.#write('move:a', this.#d, 0, 0, result.value)
  }
}

/** For each operation that covers two records, the one that covers the first; else 0. */
export function plainOperations(): Uint16Array {
  return Uint16Array.from(operationNames, (name) => {
    const [first, second] = name.split('+')
    return second === undefined ? 0 : operation(first!)
  })
}

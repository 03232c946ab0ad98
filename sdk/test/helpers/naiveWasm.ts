/**
 * A naive counter: follows the WebAssembly of a module, block by block and operand by operand, and counts the steps
 * that docs/vm/machine.md says each instruction takes. It shares nothing with the translation or the instrumenter;
 * operands carry, besides their value, what the translation would know of them: own, local or constant.
 * For the integer instructions that the tests use, and for modules written by hand or by binaryen.
 */
export type NaiveEnding = { status: 'halted' | 'trapped' | 'outOfSteps'; exitCode: number; steps: number }

type Operand = { value: bigint; kind: 'own' | 'constant' | number }
type FunctionType = { params: number[]; results: number[] }
type Instruction = {
  code: number
  args: number[]
  value: bigint
  body: Instruction[]
  other?: Instruction[]
  type: FunctionType
}
type Body = { type: FunctionType; locals: number; code: Instruction[] }

class Trap {}
class Halt {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}
class OutOfSteps {}
/** Control on its way to a label, so many blocks out; Infinity for the function. */
class Branch {
  readonly depth: number
  constructor(depth: number) {
    this.depth = depth
  }
}

class Reader {
  at = 0
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  u8(): number {
    return this.bytes[this.at++]!
  }
  u32(): number {
    return Number(BigInt.asUintN(32, this.leb(false)))
  }
  leb(signed: boolean): bigint {
    let value = 0n
    let shift = 0n
    let byte: number
    do {
      byte = this.u8()
      value |= BigInt(byte & 0x7f) << shift
      shift += 7n
    } while (byte >= 0x80)
    return signed && (byte & 0x40) !== 0 ? value - (1n << shift) : value
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.u32() }, read)
  }
  part(length: number): Reader {
    const part = new Reader(this.bytes.subarray(this.at, this.at + length))
    this.at += length
    return part
  }
}

/** What may stand in a module of the tests. */
type Module = {
  types: FunctionType[]
  imports: { name: string; type: FunctionType }[]
  bodies: Body[]
  table: (number | undefined)[]
  globals: bigint[]
  pages: number
  maxPages: number
  entry: number
  start: number | undefined
  data: { at: number; bytes: Uint8Array }[]
}

function readModule(bytes: Uint8Array): Module {
  const reader = new Reader(bytes)
  reader.at = 8
  const module: Module = {
    ...{ types: [], imports: [], bodies: [], table: [], globals: [], pages: 0, maxPages: 4_096 },
    ...{ entry: -1, start: undefined, data: [] },
  }
  let functions: number[] = []
  let next = 0
  while (reader.at < bytes.length) {
    const id = reader.u8()
    const part = reader.part(reader.u32())
    const byte = () => part.u8()
    const constant = () => {
      const code = part.u8()
      const value = code === 0x41 || code === 0x42 ? part.leb(true) : 0n
      part.u8()
      return BigInt.asUintN(code === 0x41 ? 32 : 64, value)
    }
    if (id === 1)
      module.types = part.list(() => {
        part.u8()
        return { params: part.list(byte), results: part.list(byte) }
      })
    else if (id === 2)
      module.imports = part.list(() => {
        part.list(byte)
        const name = String.fromCharCode(...part.list(byte))
        part.u8()
        return { name, type: module.types[part.u32()]! }
      })
    else if (id === 3) functions = part.list(() => part.u32())
    else if (id === 4)
      part.list(() => {
        part.u8()
        const max = part.u8()
        module.table = new Array<undefined>(part.u32())
        if (max === 1) part.u32()
      })
    else if (id === 5)
      part.list(() => {
        const max = part.u8()
        module.pages = part.u32()
        if (max === 1) module.maxPages = part.u32()
      })
    else if (id === 6)
      module.globals = part.list(() => {
        part.at += 2
        return constant()
      })
    else if (id === 7)
      part.list(() => {
        const name = String.fromCharCode(...part.list(byte))
        part.u8()
        const index = part.u32()
        if (name === 'run') module.entry = index
      })
    else if (id === 8) module.start = part.u32()
    else if (id === 9)
      part.list(() => {
        part.u8()
        const first = Number(constant())
        for (const [i, index] of part.list(() => part.u32()).entries()) module.table[first + i] = index
      })
    else if (id === 10)
      module.bodies = part.list(() => {
        const body = part.part(part.u32())
        const type = module.types[functions[next++]!]!
        let locals = type.params.length
        body.list(() => {
          locals += body.u32()
          body.u8()
        })
        return { type, locals, code: readCode(body, module.types).code }
      })
    else if (id === 11)
      module.data = part.list(() => {
        part.u8()
        return { at: Number(constant()), bytes: Uint8Array.from(part.list(byte)) }
      })
  }
  return module
}

const nothing: FunctionType = { params: [], results: [] }

/** Instructions up to an `end` or `else`. */
function readCode(reader: Reader, types: FunctionType[]): { code: Instruction[]; last: number } {
  const code: Instruction[] = []
  for (;;) {
    const opcode = reader.u8()
    if (opcode === 0x0b || opcode === 0x05) return { code, last: opcode }
    const instruction: Instruction = { code: opcode, args: [], value: 0n, body: [], type: nothing }
    code.push(instruction)
    if (opcode >= 0x02 && opcode <= 0x04) {
      const type = Number(reader.leb(true))
      if (type >= 0) instruction.type = types[type]!
      else if (type !== -64) instruction.type = { params: [], results: [type] }
      const first = readCode(reader, types)
      instruction.body = first.code
      if (first.last === 0x05) instruction.other = readCode(reader, types).code
    } else if (opcode === 0x0e) instruction.args = [...reader.list(() => reader.u32()), reader.u32()]
    else if (opcode === 0x41 || opcode === 0x42) {
      const value = reader.leb(true)
      instruction.value = BigInt.asUintN(opcode === 0x41 ? 32 : 64, value)
    } else if (opcode === 0xfc) {
      const second = reader.u32()
      instruction.code = 0xfc00 + second
      reader.at += second === 10 ? 2 : 1
    } else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e))
      instruction.args = [reader.u32(), reader.u32()]
    else if ((opcode >= 0x0c && opcode <= 0x10) || (opcode >= 0x20 && opcode <= 0x24)) {
      if (opcode !== 0x0f) instruction.args = [reader.u32()]
    } else if (opcode === 0x3f || opcode === 0x40) reader.u8()
  }
}

/** Counts one task of a program. */
export function countNaively(
  bytes: Uint8Array,
  {
    input = new Uint8Array(0),
    stepLimit,
    maxOutput,
  }: { input?: Uint8Array; stepLimit: number; maxOutput: number },
): NaiveEnding {
  const module = readModule(bytes)
  const machine = new Machine(module, input, stepLimit, maxOutput)
  try {
    machine.runAll()
    return { status: 'halted', exitCode: 0, steps: machine.steps }
  } catch (end) {
    if (end instanceof Halt) return { status: 'halted', exitCode: end.code, steps: machine.steps }
    if (end instanceof Trap) return { status: 'trapped', exitCode: 0, steps: machine.steps }
    if (end instanceof OutOfSteps) return { status: 'outOfSteps', exitCode: 0, steps: stepLimit }
    throw end
  }
}

class Machine {
  steps = 0
  readonly #module: Module
  readonly #limit: number
  readonly #input: Uint8Array
  readonly #maxOutput: number
  #memory: Uint8Array
  #stack = 1_048_576
  #output = 0
  readonly #slots = new Map<Body, number>()

  constructor(module: Module, input: Uint8Array, limit: number, maxOutput: number) {
    this.#module = module
    this.#limit = limit
    this.#input = input
    this.#maxOutput = maxOutput
    this.#memory = new Uint8Array(module.pages * 65_536)
    for (const { at, bytes } of module.data) this.#memory.set(bytes, at)
  }

  runAll(): void {
    const { start, entry } = this.#module
    for (const index of start === undefined ? [entry] : [start, entry]) {
      this.#count(1)
      this.#call(index, [])
    }
    // the last step may be the one at the limit
    this.#count(1)
  }

  /** So many words are executed: a program still going when the limit is reached never gets to the next. */
  #count(words: number): void {
    if (this.steps + words > this.#limit) throw new OutOfSteps()
    this.steps += words
  }

  #call(index: number, args: bigint[]): bigint[] {
    const { imports, bodies } = this.#module
    const imported = imports[index]
    if (imported !== undefined) {
      // through the table: the stub
      this.#enter(imported.type.params.length + imported.type.results.length)
      this.#count(args.length + 1)
      const results = this.#host(imported.name, args)
      this.#count(1)
      this.#stack += imported.type.params.length + imported.type.results.length + 16
      return results
    }
    const body = bodies[index - imports.length]!
    let slots = this.#slots.get(body)
    if (slots === undefined) {
      slots = body.locals + greatestHeight(this.#module, body.code)
      this.#slots.set(body, slots)
    }
    this.#enter(slots)
    const frame = new Frame(body, args)
    const results = this.#body(frame, body)
    this.#stack += slots + 16
    return results
  }

  #enter(slots: number): void {
    if (slots + 16 > this.#stack) throw new Trap()
    this.#stack -= slots + 16
  }

  #body(frame: Frame, body: Body): bigint[] {
    const arity = body.type.results.length
    try {
      this.#run(frame, body.code)
    } catch (branch) {
      if (!(branch instanceof Branch)) throw branch
      return frame.operands.slice(frame.operands.length - arity).map(({ value }) => value)
    }
    this.#count(arity > 1 ? arity + 1 : 1)
    return frame.operands.map(({ value }) => value)
  }

  /** Moves what is not own among the operands from `from` on to its slot. */
  #settle(frame: Frame, from: number): void {
    for (const operand of frame.operands.slice(Math.max(0, from))) {
      if (operand.kind === 'own') continue
      operand.kind = 'own'
      this.#count(1)
    }
  }

  /** A branch with its values to where the label expects them; base is the height below them. */
  #branch(frame: Frame, depth: number): never {
    const label = frame.labels[frame.labels.length - 1 - depth]
    if (label === undefined) {
      // the function
      const { results } = frame
      this.#count(results > 1 ? results + 1 : 1)
      throw new Branch(Number.POSITIVE_INFINITY)
    }
    this.#count(this.#moves(frame, label) + 1)
    throw new Branch(depth)
  }

  #moves(frame: Frame, { base, arity }: Label): number {
    const { operands } = frame
    const first = operands.length - arity
    return operands.slice(first).filter(({ kind }) => kind !== 'own' || first !== base).length
  }

  /** @returns whether it was left by falling through its end. */
  #block(frame: Frame, code: Instruction[], label: Label, isLoop: boolean): boolean {
    for (;;) {
      frame.labels.push(label)
      const depth = frame.labels.length
      try {
        this.#run(frame, code)
        frame.labels.length = depth - 1
        return true
      } catch (branch) {
        if (!(branch instanceof Branch)) throw branch
        frame.labels.length = depth - 1
        if (branch.depth > 0) throw new Branch(branch.depth - 1)
        const values = frame.operands.slice(frame.operands.length - label.arity)
        frame.operands.length = label.base
        frame.operands.push(...values.map(({ value }): Operand => ({ value, kind: 'own' })))
        if (!isLoop) return false
      }
      frame.last = undefined
    }
  }

  #run(frame: Frame, code: Instruction[]): void {
    for (let at = 0; at < code.length; at++) {
      const instruction = code[at]!
      const { code: opcode, args, type } = instruction
      const { operands } = frame
      const pop = () => operands.pop()!
      const push = (value: bigint, kind: Operand['kind'] = 'own') => operands.push({ value, kind })
      const own = (value: bigint) => {
        this.#count(1)
        push(value)
        frame.last = operands.at(-1)
      }
      const last = frame.last
      frame.last = undefined
      if (opcode === 0x00) {
        this.#count(1)
        throw new Trap()
      } else if (opcode === 0x01) frame.last = last
      else if (opcode >= 0x02 && opcode <= 0x04) {
        const condition = opcode === 0x04 ? pop() : undefined
        this.#settle(frame, 0)
        const base = operands.length - type.params.length
        const label = { base, arity: (opcode === 0x03 ? type.params : type.results).length }
        if (condition !== undefined) {
          this.#count(1)
          const taken = low(condition.value) !== 0n
          if (taken || instruction.other !== undefined) {
            const body = taken ? instruction.body : instruction.other!
            this.#ending(frame, body, label, taken && instruction.other !== undefined)
          }
        } else if (opcode === 0x03) {
          this.#block(frame, instruction.body, label, true)
          this.#settle(frame, frame.operands.length - type.results.length)
        } else this.#ending(frame, instruction.body, label, false)
      } else if (opcode === 0x0c) this.#branch(frame, args[0]!)
      else if (opcode === 0x0d) {
        const condition = pop()
        this.#count(1)
        if (low(condition.value) === 0n) continue
        const label = frame.labels[frame.labels.length - 1 - args[0]!]
        if (label !== undefined && this.#moves(frame, label) === 0) throw new Branch(args[0]!)
        this.#branch(frame, args[0]!)
      } else if (opcode === 0x0e) {
        const index = Number(low(pop().value))
        const depth = args[Math.min(index, args.length - 1)]!
        const label = frame.labels[frame.labels.length - 1 - depth]
        const arity = label === undefined ? frame.results : label.arity
        this.#count(arity === 0 ? 2 : arity + 3)
        throw new Branch(label === undefined ? Number.POSITIVE_INFINITY : depth)
      } else if (opcode === 0x0f) this.#branch(frame, frame.labels.length)
      else if (opcode === 0x10) this.#callIndex(frame, args[0]!)
      else if (opcode === 0x11) this.#callIndirect(frame, args[0]!)
      else if (opcode === 0x1a) {
        pop()
        frame.last = last
      } else if (opcode === 0x1b) {
        const condition = pop()
        const [right, left] = [pop(), pop()]
        if (condition.kind === 'constant') this.#count(1)
        own(low(condition.value) !== 0n ? left.value : right.value)
      } else if (opcode === 0x20) {
        push(frame.locals[args[0]!]!, args[0]!)
        frame.last = last
      } else if (opcode === 0x21 || opcode === 0x22) {
        const operand = pop()
        let moved = 0
        for (const other of operands)
          if (other.kind === args[0]!) {
            other.kind = 'own'
            moved++
          }
        const isFree = moved === 0 && operand.kind === 'own' && operand === last
        this.#count(moved + (isFree ? 0 : 1))
        frame.locals[args[0]!] = operand.value
        if (opcode === 0x22) push(operand.value, args[0]!)
      } else if (opcode === 0x23) own(this.#module.globals[args[0]!]!)
      else if (opcode === 0x24) {
        this.#count(1)
        this.#module.globals[args[0]!] = pop().value
      } else if (opcode >= 0x28 && opcode <= 0x2f) {
        const width = opcode === 0x28 ? 4 : opcode === 0x29 ? 8 : 1
        this.#count(1)
        const address = this.#address(pop().value, args[1]!, width)
        let value = 0n
        for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#memory[address + i]!)
        push(value)
        frame.last = operands.at(-1)
      } else if (opcode >= 0x36 && opcode <= 0x3e) {
        const width = opcode === 0x36 ? 4 : opcode === 0x37 ? 8 : 1
        const value = pop().value
        this.#count(1)
        const address = this.#address(pop().value, args[1]!, width)
        for (let i = 0; i < width; i++) this.#memory[address + i] = Number((value >> BigInt(8 * i)) & 0xffn)
      } else if (opcode === 0x3f) own(BigInt(this.#memory.length / 65_536))
      else if (opcode === 0x40) {
        const pages = this.#memory.length / 65_536
        const more = Number(low(pop().value))
        if (pages + more > this.#module.maxPages) own(0xffffffffn)
        else {
          const larger = new Uint8Array((pages + more) * 65_536)
          larger.set(this.#memory)
          this.#memory = larger
          own(BigInt(pages))
        }
      } else if (opcode === 0x41 || opcode === 0x42) {
        push(instruction.value, 'constant')
        frame.last = last
      } else if (opcode === 0xfc0a || opcode === 0xfc0b) {
        const length = pop()
        if (length.kind === 'constant') this.#count(1)
        const source = pop()
        const destination = pop()
        const [to, from, count] = [destination, source, length].map(({ value }) => Number(low(value))) as [
          number,
          number,
          number,
        ]
        this.#count(1)
        const size = this.#memory.length
        if (to + count > size || (opcode === 0xfc0a && from + count > size)) throw new Trap()
        this.#count(further(to, opcode === 0xfc0a ? from : to, count))
        if (opcode === 0xfc0a) this.#memory.copyWithin(to, from, from + count)
        else this.#memory.fill(from, to, to + count)
      } else if (unary[opcode] !== undefined) own(unary[opcode](pop().value))
      else {
        const compute = binary[opcode]
        if (compute === undefined)
          throw new TypeError(`the naive counter does not know ${opcode.toString(16)}`)
        const right = pop().value
        const left = pop().value
        this.#count(1)
        const value = compute(left, right)
        if (value === undefined) throw new Trap()
        push(value)
        frame.last = operands.at(-1)
      }
    }
  }

  /** A block that is not a loop, or a part of an `if`: falling out of it moves its results. */
  #ending(frame: Frame, code: Instruction[], label: Label, jumps: boolean): void {
    if (this.#block(frame, code, label, false)) {
      this.#settle(frame, frame.operands.length - label.arity)
      if (jumps) this.#count(1)
    }
    frame.last = undefined
  }

  #address(base: bigint, offset: number, width: number): number {
    const address = Number(low(base)) + offset
    if (address + width > this.#memory.length) throw new Trap()
    return address
  }

  #callIndex(frame: Frame, index: number): void {
    const { imports, bodies } = this.#module
    const imported = imports[index]
    const type = imported?.type ?? bodies[index - imports.length]!.type
    const args = frame.operands.splice(frame.operands.length - type.params.length)
    this.#count(args.length + 1)
    const values = args.map(({ value }) => value)
    const results = imported === undefined ? this.#call(index, values) : this.#host(imported.name, values)
    this.#results(frame, results)
  }

  #callIndirect(frame: Frame, typeIndex: number): void {
    const { imports, bodies, table, types } = this.#module
    const type = types[typeIndex]!
    const index = Number(low(frame.operands.pop()!.value))
    const args = frame.operands.splice(frame.operands.length - type.params.length)
    this.#count(args.length + 1)
    const found = table[index]
    if (found === undefined) throw new Trap()
    const other = imports[found]?.type ?? bodies[found - imports.length]!.type
    if (JSON.stringify(other) !== JSON.stringify(type)) throw new Trap()
    this.#results(
      frame,
      this.#call(
        found,
        args.map(({ value }) => value),
      ),
    )
  }

  #results(frame: Frame, results: bigint[]): void {
    for (const value of results) frame.operands.push({ value, kind: 'own' })
    if (results.length > 0) frame.last = frame.operands.at(-1)
    if (results.length > 1) this.#count(results.length)
  }

  #host(name: string, values: bigint[]): bigint[] {
    const [a = 0, b = 0, c = 0, d = 0] = values.map((value) => Number(low(value)))
    const sizeOf = (stream: number) => (stream === 0 ? this.#input.length : 0)
    if (name === 'exit') throw new Halt(a)
    if (name === 'input_size') return [BigInt(sizeOf(a))]
    if (name === 'input_read') {
      const count = Math.max(0, Math.min(d, sizeOf(a) - b))
      if (c + count > this.#memory.length) throw new Trap()
      this.#count(further(c, b, count))
      this.#memory.set(this.#input.subarray(b, b + count), c)
      return [BigInt(count)]
    }
    if (a + b > this.#memory.length || this.#output + b > this.#maxOutput) throw new Trap()
    this.#count(further(this.#output, a, b))
    this.#output += b
    return []
  }
}

type Label = { base: number; arity: number }

class Frame {
  readonly locals: bigint[]
  readonly results: number
  readonly operands: Operand[] = []
  readonly labels: Label[] = []
  /** What the last instruction that was emitted left on top, while nothing can jump to behind it. */
  last: Operand | undefined

  constructor({ locals, type }: Body, args: bigint[]) {
    this.locals = Array.from({ length: locals }, (_, i) => args[i] ?? 0n)
    this.results = type.results.length
  }
}

const low = (value: bigint) => BigInt.asUintN(32, value)
const signed = (value: bigint) => BigInt.asIntN(32, value)
const bit = (is: boolean) => (is ? 1n : 0n)

const unary: Readonly<Record<number, (a: bigint) => bigint>> = {
  69: (a) => bit(low(a) === 0n),
  80: (a) => bit(a === 0n),
  167: low,
  172: (a) => BigInt.asUintN(64, signed(a)),
  173: low,
}

/** Undefined where they trap. */
const binary: Readonly<Record<number, (a: bigint, b: bigint) => bigint | undefined>> = {
  70: (a, b) => bit(low(a) === low(b)),
  71: (a, b) => bit(low(a) !== low(b)),
  72: (a, b) => bit(signed(a) < signed(b)),
  73: (a, b) => bit(low(a) < low(b)),
  75: (a, b) => bit(low(a) > low(b)),
  77: (a, b) => bit(low(a) <= low(b)),
  79: (a, b) => bit(low(a) >= low(b)),
  106: (a, b) => low(a + b),
  107: (a, b) => low(a - b),
  108: (a, b) => low(a * b),
  109: (a, b) =>
    low(b) === 0n || (signed(b) === -1n && low(a) === 0x80000000n) ? undefined : low(signed(a) / signed(b)),
  110: (a, b) => (low(b) === 0n ? undefined : low(a) / low(b)),
  112: (a, b) => (low(b) === 0n ? undefined : low(a) % low(b)),
  113: (a, b) => low(a & b),
  114: (a, b) => low(a | b),
  115: (a, b) => low(a ^ b),
  116: (a, b) => low(a << (b & 31n)),
  118: (a, b) => low(a) >> (b & 31n),
  124: (a, b) => BigInt.asUintN(64, a + b),
  125: (a, b) => BigInt.asUintN(64, a - b),
  126: (a, b) => BigInt.asUintN(64, a * b),
}

/** Steps of a repeating instruction beyond its first. */
function further(destination: number, source: number, length: number): number {
  if (length === 0) return 0
  let steps = 0
  // one step for each stretch without a leaf's end in either range
  for (let done = 0; done < length; steps++)
    done += Math.min(length - done, 128 - ((destination + done) % 128), 128 - ((source + done) % 128))
  return steps - 1
}

/** Most operands at one time in the code that can be reached. */
function greatestHeight(module: Module, code: Instruction[], from = 0): number {
  let height = from
  let greatest = from
  const { imports, bodies, types } = module
  for (const { code: opcode, args, body, other, type } of code) {
    if (opcode >= 0x02 && opcode <= 0x04) {
      if (opcode === 0x04) height--
      for (const part of [body, other ?? []])
        greatest = Math.max(greatest, greatestHeight(module, part, height))
      height += type.results.length - type.params.length
    } else if (opcode === 0x0c || opcode === 0x0e || opcode === 0x0f || opcode === 0x00) return greatest
    else if (opcode === 0x10 || opcode === 0x11) {
      const called =
        opcode === 0x11
          ? types[args[0]!]!
          : (imports[args[0]!]?.type ?? bodies[args[0]! - imports.length]!.type)
      height += called.results.length - called.params.length - (opcode === 0x11 ? 1 : 0)
    } else if (opcode === 0x0d || opcode === 0x1a || opcode === 0x21 || opcode === 0x24) height--
    else if (opcode === 0x1b || (opcode >= 0x36 && opcode <= 0x3e)) height -= 2
    else if (opcode === 0xfc0a || opcode === 0xfc0b) height -= 3
    else if (opcode === 0x20 || opcode === 0x23 || opcode === 0x3f || opcode === 0x41 || opcode === 0x42)
      height++
    else if (binary[opcode] !== undefined) height--
    greatest = Math.max(greatest, height)
  }
  return greatest
}

import type { Hex } from 'viem'
import { toHex } from '../../trees/bytes.ts'
import { integer, low32 } from '../bytes.ts'
import type { MachineTask, TrapReason } from '../engine.ts'
import { depth, flag, limits, type Opcode, pageSize, vmVersion } from '../isa.ts'
import {
  type EndedState,
  encodeNums,
  endedHash,
  initialMemory,
  linkHash,
  noLink,
  nothing,
  runningHash,
  type TableEntry,
} from '../state.ts'
import { ByteTree } from '../trees/byteTree.ts'
import { lawful, readWord, type Word } from '../word.ts'
import { compute } from './numeric.ts'
import { nextMovement } from './repeat.ts'
import { type CommittedTask, committedTask } from './task.ts'

/** A frame that waits for a call to return. */
export type SuspendedFrame = {
  readonly frame: ByteTree
  readonly returnPc: number
  readonly stack: number
  readonly resultSlot: number
}

/** How a machine has ended: its state, and why it trapped. */
export type MachineEnding = EndedState & { trap?: TrapReason }

/** What a step leads to, if not to the next state: a trap, or a halt with this exit code. */
type End = TrapReason | { exitCode: number } | undefined

const greatestSteps = 2n ** 64n - 1n

/**
 * The Assay VM as docs/vm/machine.md defines it, one instruction at a time. Slots, arguments and globals are 64-bit values in
 * trees; everything is exact and nothing is fast. Any state and any word steps, traps or halts: nothing throws.
 */
export class ReferenceMachine {
  /** What the task fixes. */
  readonly task: CommittedTask

  // The state. Tests set it as they like; whatever it is, the next step is defined.
  memory: ByteTree
  globals: ByteTree
  frame = new ByteTree(depth.frame)
  args = new ByteTree(depth.args)
  output = new ByteTree(depth.output, { chunkSize: pageSize })
  /** Suspended frames, the newest last. */
  suspended: SuspendedFrame[] = []
  steps = 0n
  outputLength = 0
  pages: number
  pc: number
  stack: number = limits.stack
  rep = 0
  /** Reserved bits of `nums`. */
  reserved = 0
  /** Set when the machine has ended. */
  ending: MachineEnding | undefined

  readonly #words = new Map<number, Word>()
  /** Hash of each link, computed once: a suspended frame does not change. */
  readonly #links = new WeakMap<SuspendedFrame, Hex>()

  /** A machine in the first state of a task. */
  constructor(task: MachineTask | CommittedTask) {
    this.task = 'terms' in task ? task : committedTask(task)
    const { program } = this.task
    this.memory = initialMemory(program)
    this.globals = ByteTree.ofValues(depth.globals, program.globals)
    this.pages = program.initialPages
    this.pc = program.entry
  }

  /** Bytes that memory instructions may touch. */
  get memorySize(): number {
    return this.pages * pageSize
  }

  /** Hash of the present state. */
  stateHash(): Hex {
    if (this.ending !== undefined) return endedHash(this.ending)
    return runningHash({
      jobHash: this.task.jobHash,
      memoryRoot: toHex(this.memory.root()),
      globalsRoot: toHex(this.globals.root()),
      frameRoot: toHex(this.frame.root()),
      argsRoot: toHex(this.args.root()),
      suspended: this.suspendedHash(),
      outputRoot: toHex(this.output.root()),
      nums: this.nums(),
    })
  }

  /** The counters as they stand in the state. */
  nums(): Uint8Array {
    return encodeNums(this)
  }

  /**
   * Hash of the newest link, the zero word if no frame is suspended.
   * @param below - How many links to leave out, from the newest.
   */
  suspendedHash(below = 0): Hex {
    let hash = noLink
    for (const link of this.suspended.slice(0, this.suspended.length - below)) {
      const known = this.#links.get(link)
      hash = known ?? linkHash({ ...link, suspended: hash, frameRoot: toHex(link.frame.root()) })
      if (known === undefined) this.#links.set(link, hash)
    }
    return hash
  }

  /** Steps until so many are done, or the machine has ended. */
  runTo(steps: number | bigint): this {
    while (this.ending === undefined && this.steps < steps) this.step()
    return this
  }

  /** One step. An ended machine stays as it is. */
  step(): void {
    if (this.ending !== undefined) return
    const end = this.invalid() ?? this.#execute(this.word())
    if (this.steps < greatestSteps) this.steps += 1n
    if (typeof end === 'string') this.#end({ ...nothing, status: 'trapped', steps: this.steps, trap: end })
    else if (end !== undefined) this.#halt(end.exitCode)
    else if (this.steps === this.task.stepLimit)
      this.#end({ ...nothing, status: 'outOfSteps', steps: this.steps })
  }

  /** Why the machine traps before it looks at an instruction: rules 1 and 2 of a step. */
  invalid(): TrapReason | undefined {
    const { steps, pages, pc } = this
    const { stepLimit, maxPages, version } = this.task
    if (steps >= stepLimit || pages > maxPages || maxPages > limits.pages) return 'invalid state'
    if (version !== vmVersion || this.reserved !== 0) return 'invalid state'
    return pc >= limits.codeWords ? 'invalid instruction' : undefined
  }

  /** The instruction at pc. */
  word(): Word {
    let word = this.#words.get(this.pc)
    if (word === undefined) {
      word = readWord(this.task.program.code, this.pc)
      this.#words.set(this.pc, word)
    }
    return word
  }

  /** The operands that an instruction names, whether it uses them or not. */
  operands({ flags, a, b, c, x, y }: Word): { a: bigint; b: bigint; c: bigint } {
    const slot = (index: number) => (index < limits.slots ? this.frame.value(index) : 0n)
    return {
      a: flags & flag.constantA ? x : slot(a),
      b: flags & flag.constantB ? y : slot(b),
      c: slot(c),
    }
  }

  /** The table entry that an index leads to; zero where the program has none. */
  tableEntry(index: number): TableEntry {
    return this.task.program.table[index] ?? { type: 0, weight: 0, pc: 0 }
  }

  /** Rule 3 and 4 of a step. Sets pc to the next instruction, unless the instruction says otherwise. */
  #execute(word: Word): End {
    const opcode = lawful(word, this.rep)
    if (opcode === undefined) return 'invalid instruction'
    const { a, b, c } = this.operands(word)
    const next = this.pc + 1

    switch (opcode.form) {
      case 'trap':
        return 'unreachable'

      case 'jump':
        return this.#goto(word.t)
      case 'branch': {
        const taken = (low32(a) !== 0) === (opcode.name === 'jump_if')
        return this.#goto(taken ? word.t : next)
      }
      case 'jumpTable': {
        const index = low32(a)
        const edge = word.y < BigInt(index) ? Number(word.y) : index
        return this.#goto(Math.min(next + edge, 2 ** 32 - 1))
      }

      case 'call':
        return this.#call(word, word.x, word.t)
      case 'callIndirect': {
        const index = low32(a)
        if (index >= limits.tableEntries) return 'undefined element'
        const entry = this.tableEntry(index)
        if (entry.type === 0)
          return index < this.task.program.table.length ? 'uninitialized element' : 'undefined element'
        if (entry.type !== word.t) return 'indirect call type mismatch'
        return this.#call(word, BigInt(entry.weight), entry.pc)
      }
      case 'return':
        return this.#return(word.flags & flag.hasValue ? a : undefined)
      case 'arg':
        this.args.setValue(word.t, a)
        return this.#goto(next)
      case 'result': {
        const value = this.args.value(word.t)
        if (word.flags & flag.emptiesArgs) this.#emptyArgs()
        return this.#write(word, value)
      }

      case 'move':
        return this.#write(word, a)
      case 'select':
        return this.#write(word, low32(c) !== 0 ? a : b)
      case 'globalGet':
        return this.#write(word, this.globals.value(word.t))
      case 'globalSet':
        this.globals.setValue(word.t, a)
        return this.#goto(next)

      case 'load': {
        const address = this.#address(word, opcode, a)
        return address === undefined
          ? 'out of bounds memory access'
          : this.#write(word, this.#load(opcode, address))
      }
      case 'store': {
        const address = this.#address(word, opcode, a)
        if (address === undefined) return 'out of bounds memory access'
        this.memory.write(address, integer(b, 8).reverse().subarray(0, opcode.width))
        return this.#goto(next)
      }
      case 'memorySize':
        return this.#write(word, BigInt(this.pages))
      case 'memoryGrow': {
        const before = this.pages
        const after = before + low32(a)
        if (after > this.task.maxPages) return this.#write(word, 0xffff_ffffn)
        this.pages = after
        return this.#write(word, BigInt(before))
      }

      case 'memoryCopy':
      case 'memoryFill':
      case 'inputRead':
      case 'outputWrite':
        return this.#move(word, opcode, b)
      case 'inputSize': {
        const size = this.task.sizeOf(low32(this.args.value(0)))
        this.#emptyArgs()
        return this.#write(word, BigInt(size))
      }
      case 'exit':
        return { exitCode: low32(this.args.value(0)) }

      case 'unary':
      case 'binary': {
        const outcome = compute(opcode.code, a, b)
        return typeof outcome === 'string' ? outcome : this.#write(word, outcome)
      }
    }
  }

  #goto(pc: number): End {
    this.pc = pc
    return undefined
  }

  /** Writes the slot that the instruction names, and goes on. */
  #write(word: Word, value: bigint): End {
    this.frame.setValue(word.d, value)
    return this.#goto(this.pc + 1)
  }

  #emptyArgs(): void {
    this.args = new ByteTree(depth.args)
  }

  #call({ d }: Word, weight: bigint, target: number): End {
    if (weight > BigInt(this.stack)) return 'call stack exhausted'
    const { frame, stack } = this
    this.suspended.push({ frame, returnPc: this.pc + 1, stack, resultSlot: d })
    this.frame = this.args
    this.#emptyArgs()
    this.stack -= Number(weight)
    return this.#goto(target)
  }

  #return(value: bigint | undefined): End {
    const link = this.suspended.pop()
    if (link === undefined) return { exitCode: 0 }
    if (value !== undefined && link.resultSlot >= limits.slots) return 'invalid state'
    this.frame = link.frame
    this.stack = link.stack
    if (value !== undefined) this.frame.setValue(link.resultSlot, value)
    return this.#goto(link.returnPc)
  }

  /** Where a load or store begins, or undefined if it would leave the memory. */
  #address({ t }: Word, { width }: Opcode, base: bigint): number | undefined {
    const address = low32(base) + t
    return address + width! > this.memorySize ? undefined : address
  }

  #load({ width, type, signed }: Opcode, address: number): bigint {
    const bytes = new Uint8Array(8)
    bytes.set(this.memory.read(address, width!))
    const value = new DataView(bytes.buffer).getBigUint64(0, true)
    if (signed === undefined) return value
    return BigInt.asUintN(type === 'i32' ? 32 : 64, BigInt.asIntN(8 * width!, value))
  }

  /** One step of a repeating instruction; `fill` is the operand B of memory_fill. */
  #move(word: Word, opcode: Opcode, fill: bigint): End {
    const movement = nextMovement(this, word, opcode)
    if (typeof movement === 'string') return movement
    const { count, from, to, length, last } = movement
    if (count > 0) {
      switch (opcode.form) {
        case 'memoryFill':
          this.memory.write(to, new Uint8Array(count).fill(low32(fill) & 0xff))
          break
        case 'inputRead':
          this.memory.write(to, this.task.stream(low32(this.args.value(0)))!.bytes.read(from, count))
          break
        case 'outputWrite':
          this.output.write(to, this.memory.read(from, count))
          this.outputLength += count
          break
        default:
          this.memory.write(to, this.memory.read(from, count))
      }
    }
    if (!last) {
      this.rep += count
      return undefined
    }
    this.rep = 0
    if (opcode.form === 'inputRead' || opcode.form === 'outputWrite') this.#emptyArgs()
    return opcode.form === 'inputRead' ? this.#write(word, BigInt(length)) : this.#goto(this.pc + 1)
  }

  #halt(exitCode: number): void {
    const { outputLength, steps } = this
    this.#end({ status: 'halted', exitCode, outputRoot: toHex(this.output.root()), outputLength, steps })
  }

  #end(ending: MachineEnding): void {
    this.ending = ending
  }
}

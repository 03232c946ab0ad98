import { keccak_256 } from '@noble/hashes/sha3.js'
import type { Hex } from 'viem'
import { sameHash, toHex } from '../trees/bytes.ts'
import { low32 } from './bytes.ts'
import { depth, flag, limits, type Opcode, pageSize, vmVersion } from './isa.ts'
import { compute } from './reference/numeric.ts'
import {
  emptyTreeRoot,
  encodeNums,
  endedHash,
  inputHash,
  jobHash,
  linkHash,
  type Nums,
  noLink,
  nothing,
  programIdOfParts,
  restHash,
  runningHash,
} from './state.ts'
import { WitnessReader, WitnessTree } from './witnessReader.ts'
import { lawful, readWord, slotsRead, type Word, wordSize, writesSlot } from './word.ts'

/**
 * The contract's part of a step, read from the packed witness alone: the hash of the state that the witness is about, and
 * of the one that follows. It is written apart from the reference machine, as a second reading of docs/vm/machine.md.
 * @throws {WitnessError} where the contract reverts.
 */
export function stepWithWitness(witness: Uint8Array): { before: Hex; after: Hex } {
  if (witness[0] !== 0x02) return new WitnessStep(new WitnessReader(witness)).run()
  const reader = new WitnessReader(witness)
  const hash = toHex(keccak_256(reader.take(54)))
  reader.end()
  return { before: hash, after: hash }
}

/** The trees of a state in the order of their parts in a witness. */
const order = ['args', 'frame', 'globals', 'memory', 'output'] as const
type Part = (typeof order)[number]

/** What a step comes to: a trap, an exit code, or undefined where the machine goes on. */
type End = 'trap' | { exitCode: number } | undefined

/** Some bytes of one leaf that go to another leaf. */
type Movement = { from: number; to: number; count: number; last: boolean }

class WitnessStep {
  readonly #reader: WitnessReader
  readonly #program: { maxPages: number; version: number; restHash: Hex }
  readonly #inputs: [task: Hex, shared: Hex]
  readonly #limits: { stepLimit: bigint; maxOutput: number }
  readonly #nums: Nums
  /** The trees read so far, and the roots that they had then. */
  readonly #trees = {} as Record<Part, WitnessTree>
  readonly #before = {} as Record<Part | 'suspended', Hex>
  #suspended: Hex = noLink

  constructor(reader: WitnessReader) {
    this.#reader = reader
    if (reader.number(1) !== 0x01) throw reader.refuse('it is of no kind of state')
    const [maxPages, version] = [reader.number(4), reader.number(2)]
    this.#program = { maxPages, version, restHash: reader.hash() }
    this.#inputs = [reader.hash(), reader.hash()]
    this.#limits = { stepLimit: reader.u64(), maxOutput: reader.number(4) }
    this.#nums = {
      steps: reader.u64(),
      outputLength: reader.number(4),
      pages: reader.number(4),
      pc: reader.number(4),
      stack: reader.number(4),
      rep: reader.number(4),
      reserved: reader.number(4),
    }
  }

  run(): { before: Hex; after: Hex } {
    const { stepLimit } = this.#limits
    const nums = this.#nums
    const numsBefore = encodeNums(nums)
    const isValid =
      nums.steps < stepLimit &&
      nums.pages <= this.#program.maxPages &&
      this.#program.maxPages <= limits.pages &&
      this.#program.version === vmVersion &&
      nums.reserved === 0 &&
      nums.pc < limits.codeWords
    const code = this.#reader.tree(depth.code, isValid ? [nums.pc >>> 2] : [])
    const job = this.#jobHash(toHex(code.root()))

    const word = isValid ? readWord(code.bytes(nums.pc * wordSize, wordSize), 0) : undefined
    const opcode = word && lawful(word, nums.rep)
    const end = opcode === undefined ? 'trap' : this.#execute(word!, opcode)
    this.#readRest()
    this.#reader.end()

    const before = this.#runningHash(job, this.#before, numsBefore)
    nums.steps += nums.steps < 2n ** 64n - 1n ? 1n : 0n
    return { before, after: this.#after(job, end) }
  }

  #jobHash(codeRoot: Hex): Hex {
    const [taskInput, sharedInput] = this.#inputs
    const programId = programIdOfParts({ ...this.#program, codeRoot })
    return jobHash({ programId, taskInput, sharedInput, ...this.#limits })
  }

  #runningHash(job: Hex, roots: Record<Part | 'suspended', Hex>, nums: Uint8Array): Hex {
    return runningHash({
      jobHash: job,
      memoryRoot: roots.memory,
      globalsRoot: roots.globals,
      frameRoot: roots.frame,
      argsRoot: roots.args,
      suspended: roots.suspended,
      outputRoot: roots.output,
      nums,
    })
  }

  #after(job: Hex, end: End): Hex {
    const { steps, outputLength } = this.#nums
    const root = (part: Part) => toHex(this.#trees[part].root())
    if (end === 'trap') return endedHash({ ...nothing, status: 'trapped', steps })
    if (end !== undefined)
      return endedHash({ ...end, status: 'halted', outputRoot: root('output'), outputLength, steps })
    if (steps === this.#limits.stepLimit) return endedHash({ ...nothing, status: 'outOfSteps', steps })
    const roots = Object.fromEntries(order.map((part) => [part, root(part)])) as Record<Part, Hex>
    return this.#runningHash(job, { ...roots, suspended: this.#suspended }, encodeNums(this.#nums))
  }

  /** Reads a part with a proof of some leaves; the parts before it that were not read are given by their roots. */
  #read(part: Part, leaves: readonly number[] = []): WitnessTree {
    for (const earlier of order) {
      if (earlier === part) break
      if (this.#trees[earlier] === undefined) this.#read(earlier)
    }
    const tree = this.#reader.tree(depth[part], leaves)
    this.#trees[part] = tree
    this.#before[part] = toHex(tree.root())
    return tree
  }

  /** Reads what the step does not touch. */
  #readRest(): void {
    if (this.#trees.output === undefined) this.#read('output')
    if (this.#before.suspended !== undefined) return
    this.#suspended = this.#reader.hash()
    this.#before.suspended = this.#suspended
  }

  /** Reads the frame with the slots that the instruction uses, and takes its operands from them. */
  #operands(word: Word, opcode: Opcode, writes = writesSlot(opcode)) {
    const slots = slotsRead(word, opcode)
    const isRead = new Set(slots)
    if (writes) slots.push(word.d)
    const frame = this.#read(
      'frame',
      slots.map((slot) => slot >>> 4),
    )
    const slot = (index: number) => (isRead.has(index) ? frame.value(index) : 0n)
    return {
      a: word.flags & flag.constantA ? word.x : slot(word.a),
      b: word.flags & flag.constantB ? word.y : slot(word.b),
      c: slot(word.c),
    }
  }

  #execute(word: Word, opcode: Opcode): End {
    const nums = this.#nums
    const { form } = opcode
    const next = nums.pc + 1
    const write = (value: bigint): End => {
      this.#trees.frame.setValue(word.d, value)
      nums.pc = next
      return undefined
    }
    const goto = (pc: number): End => {
      nums.pc = pc
      return undefined
    }

    switch (form) {
      case 'trap':
        return 'trap'
      case 'jump':
        return goto(word.t)
      case 'branch': {
        const isZero = low32(this.#operands(word, opcode).a) === 0
        return goto(isZero === (opcode.name === 'jump_unless') ? word.t : next)
      }
      case 'jumpTable': {
        const index = BigInt(low32(this.#operands(word, opcode).a))
        const target = BigInt(next) + (index < word.y ? index : word.y)
        return goto(target > 0xffff_ffffn ? 0xffff_ffff : Number(target))
      }
      case 'call':
        return this.#call(word.d, word.x, word.t)
      case 'callIndirect':
        return this.#callIndirect(word, low32(this.#operands(word, opcode).a))
      case 'return':
        return this.#return(word, this.#operands(word, opcode).a)
      case 'arg': {
        const args = this.#read('args', [word.t >>> 4])
        args.setValue(word.t, this.#operands(word, opcode).a)
        return goto(next)
      }
      case 'result': {
        const value = this.#read('args', [word.t >>> 4]).value(word.t)
        if (word.flags & flag.emptiesArgs) this.#emptyArgs()
        this.#operands(word, opcode)
        return write(value)
      }
      case 'move':
        return write(this.#operands(word, opcode).a)
      case 'select': {
        const { a, b, c } = this.#operands(word, opcode)
        return write(low32(c) === 0 ? b : a)
      }
      case 'globalGet':
        this.#operands(word, opcode)
        return write(this.#read('globals', [word.t >>> 4]).value(word.t))
      case 'globalSet': {
        const { a } = this.#operands(word, opcode)
        this.#read('globals', [word.t >>> 4]).setValue(word.t, a)
        return goto(next)
      }
      case 'load':
      case 'store': {
        const { a, b } = this.#operands(word, opcode)
        const width = opcode.width!
        const address = low32(a) + word.t
        if (!this.#fits(address, width)) return 'trap'
        const memory = this.#read('memory', [address >>> 7, (address + width - 1) >>> 7])
        const places = Array.from({ length: width }, (_, index) => address + index)
        if (form === 'load') {
          const value = places.reduceRight((sum, at) => (sum << 8n) | BigInt(memory.byte(at)), 0n)
          const extended = opcode.signed ? BigInt.asIntN(8 * width, value) : value
          return write(BigInt.asUintN(opcode.type === 'i32' ? 32 : 64, extended))
        }
        for (const [index, at] of places.entries())
          memory.setByte(at, Number((b >> BigInt(8 * index)) & 0xffn))
        return goto(next)
      }
      case 'memorySize':
        this.#operands(word, opcode)
        return write(BigInt(nums.pages))
      case 'memoryGrow': {
        const pages = nums.pages + low32(this.#operands(word, opcode).a)
        if (pages > this.#program.maxPages) return write(2n ** 32n - 1n)
        const before = nums.pages
        nums.pages = pages
        return write(BigInt(before))
      }
      case 'memoryCopy':
      case 'memoryFill':
        return this.#copyOrFill(word, opcode)
      case 'inputSize':
      case 'inputRead':
        return this.#useInput(word, opcode)
      case 'outputWrite':
        return this.#writeOutput()
      case 'exit':
        return { exitCode: low32(this.#read('args', [0]).value(0)) }
      case 'unary':
      case 'binary': {
        const { a, b } = this.#operands(word, opcode)
        const outcome = compute(opcode.code, a, b)
        return typeof outcome === 'string' ? 'trap' : write(outcome)
      }
    }
  }

  #emptyArgs(): void {
    this.#trees.args = WitnessTree.ofRoot(emptyTreeRoot.args)
  }

  #call(resultSlot: number, weight: bigint, target: number): End {
    this.#readRest()
    const nums = this.#nums
    const { stack } = nums
    if (weight > BigInt(stack)) return 'trap'
    this.#suspended = linkHash({
      suspended: this.#before.suspended,
      frameRoot: this.#before.frame,
      returnPc: nums.pc + 1,
      stack,
      resultSlot,
    })
    this.#trees.frame = this.#trees.args
    this.#emptyArgs()
    nums.stack = stack - Number(weight)
    nums.pc = target
    return undefined
  }

  #callIndirect(word: Word, index: number): End {
    if (index >= limits.tableEntries) return 'trap'
    this.#read('globals')
    const reader = this.#reader
    const [memory, globals] = [reader.hash(), reader.hash()]
    const first = { entry: reader.number(4), initialPages: reader.number(4) }
    const table = reader.tree(depth.table, [index >>> 2])
    const rest = restHash({ memory, globals, table: toHex(table.root()) }, first)
    if (!sameHash(rest, this.#program.restHash)) throw reader.refuse('the table is not the program’s')
    const entry = new DataView(table.bytes(index * 32, 12).buffer)
    const type = entry.getUint32(0)
    if (type === 0 || type !== word.t) return 'trap'
    return this.#call(word.d, BigInt(entry.getUint32(4)), entry.getUint32(8))
  }

  #return(word: Word, value: bigint): End {
    const hasValue = (word.flags & flag.hasValue) !== 0
    const reader = this.#reader
    this.#read('output')
    const isSuspended = reader.number(1)
    if (isSuspended > 1) throw reader.refuse('the mark of the link is neither 0 nor 1')
    this.#before.suspended = noLink
    if (isSuspended === 0) return { exitCode: 0 }

    this.#suspended = reader.hash()
    const [returnPc, stack, resultSlot] = [reader.number(4), reader.number(4), reader.number(2)]
    const writes = hasValue && resultSlot < limits.slots
    const frame = reader.tree(depth.frame, writes ? [resultSlot >>> 4] : [])
    const frameRoot = toHex(frame.root())
    const link = { suspended: this.#suspended, frameRoot, returnPc, stack, resultSlot }
    this.#before.suspended = linkHash(link)
    if (hasValue && !writes) return 'trap'
    if (writes) frame.setValue(resultSlot, value)
    this.#trees.frame = frame
    this.#nums.pc = returnPc
    this.#nums.stack = stack
    return undefined
  }

  #copyOrFill(word: Word, opcode: Opcode): End {
    const { a, b, c } = this.#operands(word, opcode)
    const fills = opcode.form === 'memoryFill'
    const [to, from, length] = [low32(a), low32(b), low32(c)]
    if (!this.#mayGoOn(length)) return 'trap'
    if (!this.#fits(to, length) || (!fills && !this.#fits(from, length))) return 'trap'
    const movement = this.#movement({
      from: fills ? undefined : from,
      to,
      length,
      fromEnd: !fills && to > from,
    })
    const touched = [...leaves(movement.to, movement), ...(fills ? [] : leaves(movement.from, movement))]
    const memory = this.#read('memory', touched)
    const bytes = fills
      ? new Uint8Array(movement.count).fill(low32(b))
      : memory.bytes(movement.from, movement.count)
    memory.setBytes(movement.to, bytes)
    return this.#count(movement)
  }

  #useInput(word: Word, opcode: Opcode): End {
    const reader = this.#reader
    const args = this.#read('args', [0])
    const [number, from, to, wanted] = [0, 1, 2, 3].map((index) => low32(args.value(index))) as [
      number,
      number,
      number,
      number,
    ]
    const content = this.#inputs[number]
    const length = content === undefined ? 0n : reader.u64()
    const size = length < 2n ** 30n ? Number(length) : 2 ** 30
    const checkInput = (tree: WitnessTree) => {
      if (inputHash(toHex(tree.root()), length) !== content) throw reader.refuse('the input is not the job’s')
      return tree
    }

    if (opcode.form === 'inputSize') {
      this.#operands(word, opcode)
      this.#read('globals')
      if (content !== undefined) checkInput(reader.tree(depth.content, []))
      this.#trees.frame.setValue(word.d, BigInt(size))
      this.#emptyArgs()
      this.#nums.pc++
      return undefined
    }

    const count = Math.min(wanted, Math.max(0, size - from))
    const traps = !this.#mayGoOn(count) || !this.#fits(to, count)
    const movement = traps ? undefined : this.#movement({ from, to, length: count, fromEnd: false })
    this.#operands(word, opcode, movement?.last === true)
    this.#read('globals')
    const read = movement && movement.count > 0 ? leaves(movement.from, movement) : []
    const input = content === undefined ? undefined : checkInput(reader.tree(depth.content, read))
    if (movement === undefined) return 'trap'

    const memory = this.#read('memory', leaves(movement.to, movement))
    if (movement.count > 0) memory.setBytes(movement.to, input!.bytes(movement.from, movement.count))
    if (movement.last) {
      this.#trees.frame.setValue(word.d, BigInt(count))
      this.#emptyArgs()
    }
    return this.#count(movement)
  }

  #writeOutput(): End {
    const nums = this.#nums
    const args = this.#read('args', [0])
    const [from, length] = [low32(args.value(0)), low32(args.value(1))]
    const limit = Math.min(this.#limits.maxOutput, 2 ** 30)
    if (!this.#mayGoOn(length) || !this.#fits(from, length)) return 'trap'
    if (nums.outputLength + length - nums.rep > limit) return 'trap'
    const movement = this.#movement({ from, to: nums.outputLength - nums.rep, length, fromEnd: false })
    const memory = this.#read('memory', leaves(movement.from, movement))
    const output = this.#read('output', leaves(movement.to, movement))
    if (movement.count > 0) output.setBytes(movement.to, memory.bytes(movement.from, movement.count))
    nums.outputLength += movement.count
    if (movement.last) this.#emptyArgs()
    return this.#count(movement)
  }

  #fits(start: number, length: number): boolean {
    return start + length <= this.#nums.pages * pageSize
  }

  #mayGoOn(length: number): boolean {
    return this.#nums.rep === 0 || this.#nums.rep < length
  }

  /** The longest run of bytes after those that are done whose source is in one leaf and whose destination is. */
  #movement(whole: { from: number | undefined; to: number; length: number; fromEnd: boolean }): Movement {
    const { from = 0, to, length, fromEnd } = whole
    const { rep } = this.#nums
    const left = length - rep
    const place = (start: number, done: number) => start + (fromEnd ? left - 1 - done : rep + done)
    const sameLeaf = (start: number, done: number) => place(start, done) >>> 7 === place(start, 0) >>> 7
    let count = 0
    while (count < left && sameLeaf(to, count) && (whole.from === undefined || sameLeaf(from, count))) count++
    const first = (start: number) => place(start, fromEnd ? Math.max(count - 1, 0) : 0)
    return { from: first(from), to: first(to), count, last: count === left }
  }

  /** Ends a step of a repeating instruction. */
  #count({ count, last }: Movement): End {
    const nums = this.#nums
    nums.rep = last ? 0 : nums.rep + count
    if (last) nums.pc++
    return undefined
  }
}

/** The leaf of a movement's end, if it moves anything: all its bytes are in one. */
function leaves(start: number, { count }: Movement): number[] {
  return count === 0 ? [] : [start >>> 7]
}

import { keccak_256 } from '@noble/hashes/sha3.js'
import type { Hex } from 'viem'
import { sameHash, toHex } from '../../trees/bytes.ts'
import { low32 } from '../bytes.ts'
import { depth, flag, limits, type Opcode } from '../isa.ts'
import { compute } from '../reference/numeric.ts'
import { entrySize, linkHash, noLink, restHash } from '../state.ts'
import { leafOfByte, leafOfSlot, leafOfWord } from '../trees/leaves.ts'
import { lawful, type Word } from '../word.ts'
import { copyOrFill, inputRead, inputSize, outputWrite } from './witnessMoves.ts'
import { WitnessReader } from './witnessReader.ts'
import { type End, WitnessState } from './witnessState.ts'

/**
 * The contract's part of a step, read from the packed witness alone: the hash of the state that the witness is about, and
 * of the one that follows. What a step does to a state is written apart from the reference machine, as a second reading of
 * docs/vm/machine.md; which words are lawful, which slots they read and what numeric instructions compute is shared with it.
 * @throws {WitnessError} where the contract reverts.
 */
export function stepWithWitness(witness: Uint8Array): { before: Hex; after: Hex } {
  const reader = new WitnessReader(witness)
  if (witness[0] === 0x02) {
    const hash = toHex(keccak_256(reader.take(54)))
    reader.end()
    return { before: hash, after: hash }
  }
  const state = new WitnessState(reader)
  const word = state.word()
  const opcode = word && lawful(word, state.nums.rep)
  return state.hashes(opcode === undefined ? 'trap' : execute(state, word!, opcode))
}

function execute(state: WitnessState, word: Word, opcode: Opcode): End {
  const { nums } = state
  const { form } = opcode
  const next = nums.pc + 1
  const write = (value: bigint): End => {
    state.trees.frame.setValue(word.d, value)
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
      const isZero = low32(state.operands(word, opcode).a) === 0
      return goto(isZero === (opcode.name === 'jump_unless') ? word.t : next)
    }
    case 'jumpTable': {
      const index = BigInt(low32(state.operands(word, opcode).a))
      const target = BigInt(next) + (index < word.y ? index : word.y)
      return goto(target > 0xffff_ffffn ? 0xffff_ffff : Number(target))
    }
    case 'call':
      return call(state, word.d, word.x, word.t)
    case 'callIndirect':
      return callIndirect(state, word, low32(state.operands(word, opcode).a))
    case 'return':
      return leave(state, word, state.operands(word, opcode).a)
    case 'arg': {
      const args = state.read('args', [leafOfSlot(word.t)])
      args.setValue(word.t, state.operands(word, opcode).a)
      return goto(next)
    }
    case 'result': {
      const value = state.read('args', [leafOfSlot(word.t)]).value(word.t)
      if (word.flags & flag.emptiesArgs) state.emptyArgs()
      state.operands(word, opcode)
      return write(value)
    }
    case 'move':
      return write(state.operands(word, opcode).a)
    case 'select': {
      const { a, b, c } = state.operands(word, opcode)
      return write(low32(c) === 0 ? b : a)
    }
    case 'globalGet':
      state.operands(word, opcode)
      return write(state.read('globals', [leafOfSlot(word.t)]).value(word.t))
    case 'globalSet': {
      const { a } = state.operands(word, opcode)
      state.read('globals', [leafOfSlot(word.t)]).setValue(word.t, a)
      return goto(next)
    }
    case 'load':
    case 'store': {
      const { a, b } = state.operands(word, opcode)
      const width = opcode.width!
      const address = low32(a) + word.t
      if (!state.fits(address, width)) return 'trap'
      const memory = state.read('memory', [leafOfByte(address), leafOfByte(address + width - 1)])
      const places = Array.from({ length: width }, (_, index) => address + index)
      if (form === 'load') {
        const value = places.reduceRight((sum, at) => (sum << 8n) | BigInt(memory.byte(at)), 0n)
        const extended = opcode.signed ? BigInt.asIntN(8 * width, value) : value
        return write(BigInt.asUintN(opcode.type === 'i32' ? 32 : 64, extended))
      }
      for (const [index, at] of places.entries()) memory.setByte(at, Number((b >> BigInt(8 * index)) & 0xffn))
      return goto(next)
    }
    case 'memorySize':
      state.operands(word, opcode)
      return write(BigInt(nums.pages))
    case 'memoryGrow': {
      const pages = nums.pages + low32(state.operands(word, opcode).a)
      if (pages > state.program.maxPages) return write(2n ** 32n - 1n)
      const before = nums.pages
      nums.pages = pages
      return write(BigInt(before))
    }
    case 'memoryCopy':
    case 'memoryFill':
      return copyOrFill(state, word, opcode)
    case 'inputSize':
      return inputSize(state, word, opcode)
    case 'inputRead':
      return inputRead(state, word, opcode)
    case 'outputWrite':
      return outputWrite(state)
    case 'exit':
      return { exitCode: low32(state.read('args', [0]).value(0)) }
    case 'unary':
    case 'binary': {
      const { a, b } = state.operands(word, opcode)
      const outcome = compute(opcode.code, a, b)
      return typeof outcome === 'string' ? 'trap' : write(outcome)
    }
  }
}

/** Suspends the frame; the args become the new one. */
function call(state: WitnessState, resultSlot: number, weight: bigint, target: number): End {
  state.readRest()
  const { nums } = state
  const { stack } = nums
  if (weight > BigInt(stack)) return 'trap'
  state.suspended = linkHash({
    suspended: state.before.suspended,
    frameRoot: state.before.frame,
    returnPc: nums.pc + 1,
    stack,
    resultSlot,
  })
  state.trees.frame = state.trees.args
  state.emptyArgs()
  nums.stack = stack - Number(weight)
  nums.pc = target
  return undefined
}

function callIndirect(state: WitnessState, word: Word, index: number): End {
  if (index >= limits.tableEntries) return 'trap'
  state.read('globals')
  const { reader } = state
  const [memory, globals] = [reader.hash(), reader.hash()]
  const first = { entry: reader.number(4), initialPages: reader.number(4) }
  const table = reader.tree(depth.table, [leafOfWord(index)])
  const rest = restHash({ memory, globals, table: toHex(table.root()) }, first)
  if (!sameHash(rest, state.program.restHash)) throw reader.refuse('the table is not the program’s')
  const entry = new DataView(table.bytes(index * entrySize, 12).buffer)
  const type = entry.getUint32(0)
  if (type === 0 || type !== word.t) return 'trap'
  return call(state, word.d, BigInt(entry.getUint32(4)), entry.getUint32(8))
}

/** Goes back to the frame under this one, or halts where there is none. */
function leave(state: WitnessState, word: Word, value: bigint): End {
  const hasValue = (word.flags & flag.hasValue) !== 0
  const { reader } = state
  state.read('output')
  const isSuspended = reader.number(1)
  if (isSuspended > 1) throw reader.refuse('the mark of the link is neither 0 nor 1')
  state.before.suspended = noLink
  if (isSuspended === 0) return { exitCode: 0 }

  state.suspended = reader.hash()
  const [returnPc, stack, resultSlot] = [reader.number(4), reader.number(4), reader.number(2)]
  const writes = hasValue && resultSlot < limits.slots
  const frame = reader.tree(depth.frame, writes ? [leafOfSlot(resultSlot)] : [])
  const frameRoot = toHex(frame.root())
  const link = { suspended: state.suspended, frameRoot, returnPc, stack, resultSlot }
  state.before.suspended = linkHash(link)
  if (hasValue && !writes) return 'trap'
  if (writes) frame.setValue(resultSlot, value)
  state.trees.frame = frame
  state.nums.pc = returnPc
  state.nums.stack = stack
  return undefined
}

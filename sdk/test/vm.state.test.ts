import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { encodePacked, type Hex, hexToBytes, keccak256, size, toHex } from 'viem'
import { contentHash, contentRef, emptyRoot } from '../src/trees/index.ts'
import { depth, pageSize } from '../src/vm/isa.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import {
  encodeNums,
  endedHash,
  firstStateHash,
  initialMemory,
  inputHash,
  jobHash,
  linkHash,
  programIdOfImage,
  programRoots,
  restHash,
  runningHash,
  tableBytes,
} from '../src/vm/state.ts'
import { ByteTree } from '../src/vm/trees/byteTree.ts'
import { encodeWord, readWord } from '../src/vm/word.ts'
import { sampleJob } from './helpers/vmProgram.ts'
import { programOf } from './helpers/vmStates.ts'

const vectors = JSON.parse(readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'))
const repeated = (byte: string): Hex => `0x${byte.repeat(32)}`
const [one, two, three, four, five, six, seven] = ['11', '22', '33', '44', '55', '66', '77'].map(
  repeated,
) as [Hex, Hex, Hex, Hex, Hex, Hex, Hex]

describe('States of the machine', () => {
  describe('given their fields', () => {
    it('should hash a running state of 257 bytes (decision 12)', () => {
      const nums = encodeNums({ steps: 1n, outputLength: 2, pages: 3, pc: 4, stack: 5, rep: 6, reserved: 7 })
      expect(nums.length).to.equal(32)
      const preimage = encodePacked(
        ['uint8', ...Array(7).fill('bytes32'), 'uint64', ...Array(6).fill('uint32')],
        [1, one, two, three, four, five, six, seven, 1n, 2, 3, 4, 5, 6, 7],
      )
      expect(size(preimage)).to.equal(257)
      expect(
        runningHash({
          jobHash: one,
          memoryRoot: two,
          globalsRoot: three,
          frameRoot: four,
          argsRoot: five,
          suspended: six,
          outputRoot: seven,
          nums,
        }),
      ).to.equal(keccak256(preimage))
    })

    it('should hash an ended state of 54 bytes (decision 3)', () => {
      const types = ['uint8', 'uint8', 'uint32', 'bytes32', 'uint64', 'uint64']
      const preimage = encodePacked(types, [2, 3, 9, one, 1_000n, 77n])
      expect(size(preimage)).to.equal(54)
      const state = {
        status: 'outOfSteps',
        exitCode: 9,
        outputRoot: one,
        outputLength: 1_000,
        steps: 77n,
      } as const
      expect(endedHash(state)).to.equal(keccak256(preimage))
    })

    it('should hash a link of 75 bytes (decision 13)', () => {
      const preimage = encodePacked(
        ['uint8', 'bytes32', 'bytes32', 'uint32', 'uint32', 'uint16'],
        [3, one, two, 4, 5, 6],
      )
      expect(size(preimage)).to.equal(75)
      expect(linkHash({ suspended: one, frameRoot: two, returnPc: 4, stack: 5, resultSlot: 6 })).to.equal(
        keccak256(preimage),
      )
    })

    it('should hash a program and a job (decision 12)', () => {
      const { program } = sampleJob()
      const roots = programRoots(program)
      const rest = keccak256(
        encodePacked(
          ['bytes32', 'bytes32', 'bytes32', 'uint32', 'uint32'],
          [roots.memory, roots.globals, roots.table, program.entry, program.initialPages],
        ),
      )
      expect(restHash(roots, program)).to.equal(rest)
      const id = keccak256(
        encodePacked(
          ['uint8', 'bytes32', 'uint32', 'uint16', 'bytes32'],
          [8, roots.code, program.maxPages, 1, rest],
        ),
      )
      expect(programIdOfImage(program)).to.equal(id)
      const terms = {
        programId: id,
        taskInput: one,
        sharedInput: two,
        stepLimit: 2n ** 44n,
        maxOutput: 1_000,
      }
      const preimage = encodePacked(
        ['uint8', 'bytes32', 'bytes32', 'bytes32', 'uint64', 'uint32'],
        [7, id, one, two, 2n ** 44n, 1_000],
      )
      expect(jobHash(terms)).to.equal(keccak256(preimage))
    })

    it('should hash inputs as contents, and those that cannot be too', () => {
      const ref = contentRef(Uint8Array.of(1, 2, 3))
      expect(inputHash(ref.root, 3n)).to.equal(contentHash(ref))
      const preimage = encodePacked(['uint8', 'bytes32', 'uint64'], [5, ref.root, 2n ** 64n - 1n])
      expect(inputHash(ref.root, 2n ** 64n - 1n)).to.equal(keccak256(preimage))
    })
  })

  describe('given a program', () => {
    it('should lay out code, table and globals as the trees hold them', () => {
      const { program } = sampleJob()
      const roots = programRoots(program)
      const root = (name: 'code' | 'table', bytes: Uint8Array) =>
        toHex(ByteTree.of(depth[name], bytes).root())
      expect(roots.code).to.equal(root('code', program.code))
      const table = new Uint8Array(64)
      table.set([0, 0, 0, 2, 0, 0, 0, 20, 0, 0, 0, 26], 32)
      expect(tableBytes(program.table)).to.deep.equal(table)
      expect(roots.table).to.equal(root('table', table))
      const globals = new Uint8Array(16).fill(255, 8)
      globals[7] = 1
      expect(roots.globals).to.equal(toHex(ByteTree.of(6, globals).root()))
      const memory = ByteTree.of(23, new Uint8Array([...new Uint8Array(65_536), ...program.memory.get(1)!]))
      expect(roots.memory).to.equal(toHex(memory.root()))
    })
  })

  describe('given pages of memory here and there', () => {
    it('should have the root of the whole memory', () => {
      const page = (fill: number) => new Uint8Array(pageSize).fill(fill, 5, 900)
      for (const pages of [[], [0], [16_383], [1, 2, 3, 9_000]]) {
        const memory = new Map(pages.map((number) => [number, page(number & 0xff)]))
        const program = programOf([], { memory })
        expect(programRoots(program).memory).to.equal(toHex(initialMemory(program).root()))
      }
    })
  })

  describe('given a task', () => {
    it('should compute its first state from hashes alone (decision 3)', () => {
      const job = sampleJob()
      const { task, ...machine } = new ReferenceMachine(job)
      expect(machine.pc).to.equal(0)
      expect(firstStateHash(task.terms, { ...job.program, roots: task.roots })).to.equal(
        new ReferenceMachine(job).stateHash(),
      )
    })
  })

  describe('given a word', () => {
    it('should write and read its fields, and ignore two bytes', () => {
      for (const { bytes, x, y, ...word } of vectors.words) {
        const fields = { ...word, x: BigInt(x), y: BigInt(y) }
        expect(toHex(encodeWord(fields))).to.equal(bytes)
        const packed = hexToBytes(bytes)
        packed[10] = packed[11] = 0xff
        expect(readWord(packed, 0)).to.deep.equal(fields)
      }
    })

    it('should read the zero word behind the code', () => {
      expect(readWord(encodeWord({ op: 1 }), 1)).to.deep.include({ op: 0, flags: 0, x: 0n })
    })
  })

  describe('given the vectors', () => {
    it('should agree on nums, links and ended states', () => {
      const { steps, bytes, ...nums } = vectors.nums
      expect(toHex(encodeNums({ ...nums, steps: BigInt(steps) }))).to.equal(bytes)
      for (const { hash, ...link } of vectors.links) expect(linkHash(link)).to.equal(hash)
      for (const { steps, hash, bytes, ...state } of vectors.ended) {
        expect(endedHash({ ...state, steps: BigInt(steps) })).to.equal(hash)
        expect(keccak256(bytes)).to.equal(hash)
      }
      expect(vectors.ended[1].outputRoot).to.equal(emptyRoot)
    })

    it('should agree on every state of a whole task', () => {
      const machine = new ReferenceMachine(sampleJob())
      const { states, ending, jobHash } = vectors.task
      expect(machine.task.jobHash).to.equal(jobHash)
      for (const [step, state] of states.entries()) {
        expect(machine.stateHash(), `state ${step}`).to.equal(state)
        machine.step()
      }
      expect(machine.ending?.steps).to.equal(BigInt(ending.steps))
      expect(machine.ending?.outputRoot).to.equal(ending.outputRoot)
    })
  })
})

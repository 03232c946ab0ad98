import { expect } from 'chai'
import { type Hex, hexToBytes } from 'viem'
import { AssayError } from '../src/errors/base.ts'
import {
  ContentLengthError,
  HasherFinishedError,
  IndexOutOfRangeError,
  InvalidHashError,
  MalformedInputPackError,
  MalformedLeavesError,
  MalformedResultError,
  TaskCountError,
} from '../src/errors/trees.ts'
import {
  contentHash,
  contentRef,
  decodeLeaves,
  emptyContent,
  emptyRoot,
  encodeLeaves,
  InputPackHasher,
  inputLeaf,
  inputsRoot,
  packInputs,
  resultLeaf,
  resultTree,
  type TaskResult,
  unpackInputs,
} from '../src/trees/index.ts'
import { patternBytes, readTreeVectors } from './helpers/vectors.ts'

const vectors = readTreeVectors()

describe('leaves file', () => {
  for (const { fault, row } of vectors.malformed) {
    it(`refuses ${fault}`, () => {
      expect(() => decodeLeaves(hexToBytes(row))).to.throw(MalformedResultError)
    })
  }

  it('names the task whose row is wrong', () => {
    const good = encodeLeaves([trapped, trapped, trapped])
    good[2 * 53] = 9
    expect(() => decodeLeaves(good))
      .to.throw(MalformedResultError, 'status 9 is unknown')
      .with.property('taskIndex', 2)
  })

  it('refuses a size that is not 53 bytes for each task', () => {
    const file = encodeLeaves([trapped, trapped])
    expect(decodeLeaves(file, { tasks: 2 })).to.have.length(2)
    expect(() => decodeLeaves(file, { tasks: 3 })).to.throw(MalformedLeavesError, '159 bytes')
    expect(() => decodeLeaves(file.subarray(1))).to.throw(MalformedLeavesError)
    expect(() => decodeLeaves(new Uint8Array())).to.throw(MalformedLeavesError)
  })

  it('reads a file that is a view into a larger buffer', () => {
    const buffer = new Uint8Array(60)
    buffer.set(encodeLeaves([trapped]), 5)
    expect(decodeLeaves(buffer.subarray(5, 58))).to.deep.equal([trapped])
  })

  it('refuses to write what it would refuse to read', () => {
    const wrong: [string, Partial<TaskResult>][] = [
      ['status', { status: 'constructor' as 'halted' }],
      ['exit code of a trapped task', { exitCode: 1 }],
      ['exit code that is no u32', { status: 'halted', exitCode: -1 }],
      ['exit code that is no u32', { status: 'halted', exitCode: 2 ** 32 }],
      ['output of a trapped task', contentOf(5)],
      ['output length', { status: 'halted', outputLength: 1.5 }],
      ['output length', { status: 'halted', outputLength: 2n ** 64n }],
      ['output root', { status: 'halted', outputRoot: '0x12' }],
      ['root of no bytes', { status: 'halted', outputRoot: contentRef(patternBytes(0, 5)).root }],
      ['steps', { steps: 0n }],
      ['steps', { steps: 2n ** 64n }],
    ]
    for (const [what, change] of wrong) {
      const result = { ...trapped, ...change }
      expect(() => encodeLeaves([result]), what).to.throw(MalformedResultError)
      expect(() => resultLeaf(0, result), what).to.throw(MalformedResultError)
      expect(() => resultTree([trapped, result]), what).to.throw(MalformedResultError)
    }
  })
})

describe('trees at their limits', () => {
  it('refuse jobs without tasks', () => {
    expect(() => inputsRoot([])).to.throw(TaskCountError)
    expect(() => resultTree([])).to.throw(TaskCountError)
    expect(() => encodeLeaves([])).to.throw(TaskCountError)
    expect(() => packInputs([])).to.throw(TaskCountError)
  })

  it('refuse lengths that no content has', () => {
    for (const length of [-1, 0.5, 2 ** 30 + 1, Number.NaN]) {
      expect(() => contentHash({ root: emptyRoot, length })).to.throw(ContentLengthError)
      expect(() => inputLeaf(0, { root: emptyRoot, length })).to.throw(ContentLengthError)
    }
  })

  it('refuse roots that are no hashes', () => {
    for (const root of ['0x', '0x12', `${emptyRoot}00`, emptyRoot.slice(2)] as Hex[]) {
      expect(() => contentHash({ root, length: 0 })).to.throw(InvalidHashError, root)
      expect(() => inputsRoot([{ root, length: 0 }])).to.throw(InvalidHashError, 'inputs[0].root')
    }
  })

  it('refuse task indices that are no u32', () => {
    for (const index of [-1, 2 ** 32 - 1, 0.5]) {
      expect(() => inputLeaf(index, emptyContent)).to.throw(IndexOutOfRangeError)
      expect(() => resultLeaf(index, trapped)).to.throw(IndexOutOfRangeError)
    }
  })

  it('say what was found, what to do and where to read on', () => {
    const error = new TaskCountError({ count: 0 })
    expect(error).to.be.instanceOf(AssayError)
    expect(error.name).to.equal('TaskCountError')
    expect(error.shortMessage).to.equal('Number of tasks is out of range.')
    expect(error.message.split('\n')).to.deep.equal([
      'Number of tasks is out of range.',
      '',
      'Tasks: 0',
      'Range: 1 to 4294967295',
      'Give a job at least one task, and split larger arrays into several jobs.',
      '',
      'Docs: docs/errors.md#task-count',
    ])
    expect(error.stack).to.match(/^TaskCountError: Number of tasks/)
    expect(error.retryable).to.equal(false)
  })
})

describe('input pack', () => {
  const inputs = [patternBytes(0, 3), patternBytes(3, 0), patternBytes(3, 130)]
  const pack = packInputs(inputs)
  const edited = (at: number, value: number) => {
    const copy = pack.slice()
    copy[at] = value
    return copy
  }

  it('is the committed one', () => {
    expect(pack).to.deep.equal(hexToBytes(vectors.pack.bytes))
  })

  it('gives back every input', () => {
    const read = unpackInputs(pack)
    expect(read.count).to.equal(3)
    expect([...read]).to.deep.equal(inputs)
    expect([0, 1, 2].map(read.lengthOf)).to.deep.equal([3, 0, 130])
  })

  it('does not copy', () => {
    expect(unpackInputs(pack).input(2).buffer).to.equal(pack.buffer)
  })

  it('reads a pack that is a view into a larger buffer', () => {
    const buffer = new Uint8Array(pack.length + 9)
    buffer.set(pack, 7)
    expect([...unpackInputs(buffer.subarray(7, 7 + pack.length))]).to.deep.equal(inputs)
  })

  it('has no input beyond its count', () => {
    for (const index of [-1, 3, 0.5]) {
      expect(() => unpackInputs(pack).input(index)).to.throw(IndexOutOfRangeError)
      expect(() => unpackInputs(pack).lengthOf(index)).to.throw(IndexOutOfRangeError)
    }
  })

  const faults: [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(), 'inside of the number'],
    ['three bytes', pack.subarray(0, 3), 'inside of the number'],
    ['a count of zero', new Uint8Array(4), 'no input'],
    ['a count without lengths', pack.subarray(0, 20), 'inside of the lengths of 3'],
    ['the highest count', edited(0, 255), 'inside of the lengths'],
    ['bytes cut off', pack.subarray(0, pack.length - 1), 'input 2 has 130 bytes, 129 are left'],
    ['a byte too many', new Uint8Array([...pack, 0]), '1 bytes follow'],
    ['a length of 2^63', edited(4, 128), 'input 0 has 9223372036854775811 bytes'],
    ['lengths that wrap around together', edited(12, 255), 'input 1 has'],
  ]
  for (const [what, bytes, reason] of faults) {
    it(`refuses ${what}`, () => {
      expect(() => unpackInputs(bytes)).to.throw(MalformedInputPackError, reason)
    })

    it(`refuses ${what}, also in pieces`, () => {
      for (const piece of [1, 5, 1000]) {
        const hasher = new InputPackHasher()
        expect(() => {
          for (let at = 0; at < bytes.length; at += piece) hasher.update(bytes.subarray(at, at + piece))
          hasher.finish()
        }).to.throw(AssayError, /not well-formed|length is out of range/)
      }
    })
  }

  describe('when it arrives in pieces', () => {
    it('has the committed inputs root', () => {
      for (const piece of [1, 3, 4, 28, 29, 1000]) {
        const hasher = new InputPackHasher()
        for (let at = 0; at < pack.length; at += piece) hasher.update(pack.subarray(at, at + piece))
        expect(hasher.finish(), `pieces of ${piece}`).to.deep.equal({
          inputsRoot: vectors.pack.inputsRoot,
          inputs: inputs.map(contentRef),
          length: pack.length,
        })
      }
    })

    it('takes twenty thousand inputs without bytes', () => {
      const count = 20_000
      const many = new InputPackHasher().update(packInputs(Array(count).fill(new Uint8Array())))
      expect(many.finish().inputs).to.have.length(count)
    })

    it('does not allocate for a count whose lengths never come', () => {
      const hasher = new InputPackHasher().update(edited(1, 255).subarray(0, 4))
      expect(hasher.length).to.equal(4)
      expect(() => hasher.finish()).to.throw(MalformedInputPackError, 'inside of its header')
    })

    it('refuses lengths that add up to more than a content can have', () => {
      for (const at of [4, 12, 20])
        expect(() => new InputPackHasher().update(edited(at, 1))).to.throw(ContentLengthError)
    })

    it('refuses to go on after its end', () => {
      const hasher = new InputPackHasher().update(pack)
      expect(() => hasher.update(new Uint8Array(1))).to.throw(MalformedInputPackError, 'follow')
      hasher.finish()
      expect(() => hasher.finish()).to.throw(HasherFinishedError)
      expect(() => hasher.update(new Uint8Array())).to.throw(HasherFinishedError)
    })
  })
})

const trapped: TaskResult = {
  status: 'trapped',
  exitCode: 0,
  outputRoot: emptyRoot,
  outputLength: 0,
  steps: 1n,
}

function contentOf(length: number): Partial<TaskResult> {
  const { root } = contentRef(patternBytes(0, length))
  return { outputRoot: root, outputLength: length }
}

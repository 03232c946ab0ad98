import { expect } from 'chai'
import { type Hex, hexToBytes, stringToBytes } from 'viem'
import { AssayError } from '../src/errors/base.ts'
import {
  ContentLengthError,
  IndexOutOfRangeError,
  InvalidHashError,
  MalformedInputPackError,
  MalformedLeavesError,
  MalformedManifestError,
  MalformedResultError,
  TaskCountError,
} from '../src/errors/trees.ts'
import {
  contentHash,
  contentRef,
  type DataManifest,
  decodeLeaves,
  emptyContent,
  emptyRoot,
  encodeLeaves,
  encodeManifest,
  inputLeaf,
  inputsRoot,
  packInputs,
  parseManifest,
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
    expect(pack).to.deep.equal(hexToBytes(vectors.data.pack))
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
  }
})

describe('data manifest', () => {
  const manifest: DataManifest = {
    program: contentRef(patternBytes(0, 64)),
    shared: contentRef(patternBytes(0, 200)),
    inputs: contentRef(hexToBytes(vectors.data.pack)),
  }
  const json = JSON.parse(vectors.data.manifest)
  const parse = (value: unknown) => parseManifest(stringToBytes(JSON.stringify(value)))

  it('is the committed one', () => {
    expect(new TextDecoder().decode(encodeManifest(manifest))).to.equal(vectors.data.manifest)
    expect(contentRef(encodeManifest(manifest)).root).to.equal(vectors.data.manifestRoot)
  })

  it('gives back what was written, whatever the order and space of the JSON', () => {
    expect(parseManifest(encodeManifest(manifest))).to.deep.equal(manifest)
    const { assay, program, shared, inputs } = json
    expect(
      parseManifest(stringToBytes(JSON.stringify({ inputs, shared, program, assay }, null, 4))),
    ).to.deep.equal(manifest)
  })

  it('is the same for upper-case roots', () => {
    const root = `0x${json.program.root.slice(2).toUpperCase()}`
    expect(parse({ ...json, program: { ...json.program, root } })).to.deep.equal(manifest)
  })

  const faults: [string, unknown, string][] = [
    ['a list', [], 'it is not an object'],
    ['null', null, 'it is not an object'],
    ['an unknown version', { ...json, assay: 2 }, 'version 2 is unknown'],
    ['a version in a string', { ...json, assay: '1' }, 'version "1" is unknown'],
    ['a missing part', { ...json, shared: undefined }, 'it has no field shared'],
    ['an unknown field', { ...json, extra: 1 }, 'it has an unknown field "extra"'],
    ['a part that is no object', { ...json, inputs: 'x' }, 'inputs is not an object'],
    ['a part with an unknown field', { ...json, inputs: { ...json.inputs, x: 1 } }, 'inputs has an unknown'],
    ['a part without a length', { ...json, inputs: { root: emptyRoot } }, 'inputs has no field length'],
    ['a root that is none', { ...json, inputs: { root: '0x12', length: 1 } }, 'inputs.root is not'],
    ['a negative length', { ...json, inputs: { root: emptyRoot, length: -1 } }, 'inputs.length is not'],
    ['a broken length', { ...json, inputs: { root: emptyRoot, length: 1.5 } }, 'inputs.length is not'],
    [
      'a length over 1 GiB',
      { ...json, inputs: { root: emptyRoot, length: 2 ** 30 + 1 } },
      'inputs.length is',
    ],
    ['a length in a string', { ...json, inputs: { root: emptyRoot, length: '1' } }, 'inputs.length is not'],
  ]
  for (const [what, value, reason] of faults) {
    it(`refuses ${what}`, () => {
      expect(() => parse(value)).to.throw(MalformedManifestError, reason)
    })
  }

  it('refuses what is not JSON, not UTF-8, or too long', () => {
    expect(() => parseManifest(stringToBytes('{'))).to.throw(MalformedManifestError, 'not JSON')
    expect(() => parseManifest(new Uint8Array([0xff]))).to.throw(MalformedManifestError, 'not JSON')
    expect(() => parseManifest(new Uint8Array(4097).fill(32))).to.throw(MalformedManifestError, '4097 bytes')
  })

  it('refuses to write a part that it would refuse to read', () => {
    const wrong = { ...manifest, shared: { root: '0x12' as Hex, length: 0 } }
    expect(() => encodeManifest(wrong)).to.throw(MalformedManifestError, 'shared.root')
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

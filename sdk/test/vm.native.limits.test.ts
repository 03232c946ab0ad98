import { expect } from 'chai'
import { translate } from '../src/vm/index.ts'
import { instrument } from '../src/vm/native/instrument.ts'
import { runBuild } from '../src/vm/native/run.ts'
import { entryOf } from '../src/vm/wasm/module.ts'
import { lineOf } from './helpers/nativeRuns.ts'
import { header, leb, section, text } from './helpers/wasm.ts'

/** Bytes of the largest body that V8 takes. */
const v8MaxBody = 7_654_321

/** A body: some bytes, a piece so often that all have `size` bytes at most, the last bytes. */
function body(first: readonly number[], piece: readonly number[], size: number, last: readonly number[]) {
  const times = Math.floor((size - first.length - last.length) / piece.length)
  const end = first.length + times * piece.length
  const bytes = new Uint8Array(end + last.length)
  bytes.set(first)
  for (let i = first.length; i < end; i++) bytes[i] = piece[(i - first.length) % piece.length]!
  bytes.set(last, end)
  return bytes
}

/** A module whose last function is `run` with this body, behind so many empty ones. */
function moduleOf(others: number, last: Uint8Array): Uint8Array<ArrayBuffer> {
  const empty = Array.from({ length: others }, () => [2, 0, 0x0b]).flat()
  const code = [...leb(others + 1), ...empty, ...leb(last.length)]
  const head = [
    ...[...header, ...section(1, [1, 0x60, 0, 0])],
    ...section(3, [...leb(others + 1), ...new Uint8Array(others + 1)]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('run'), 0, ...leb(others), ...text('memory'), 2, 0]),
    ...[10, ...leb(code.length + last.length), ...code],
  ]
  const bytes = new Uint8Array(head.length + last.length)
  bytes.set(head)
  bytes.set(last, head.length)
  return bytes
}

/** What grows most: locals and first instructions, what is repeated, the last instructions. */
const worst: Record<string, [first: number[], piece: number[], last: number[]]> = {
  calls: [[0], [0x10, 0], [0x0b]],
  'instructions that trap': [
    [0, 0x43, 0, 0, 0, 0],
    [0xa8, 0xb2],
    [0x1a, 0x0b],
  ],
  loads: [
    [0, 0x41, 0],
    [0x28, 0, 0],
    [0x1a, 0x0b],
  ],
  loops: [[0], [0x03, 0x40, 0x0b], [0x0b]],
  'branches with values': [
    [1, 1, 0x7f, 0x02, 0x7f, 0x41, 0],
    [0x20, 0, 0x0d, 0],
    [0x0b, 0x1a, 0x0b],
  ],
  'branches out of the function': [[1, 1, 0x7f], [0x20, 0, 0x0d, 0], [0x0b]],
  'NaNs that show': [
    [0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x9f, 0xbd, 0xbf],
    [0x1a, 0x0b],
  ],
  'growing memory': [
    [0, 0x41, 0],
    [0x40, 0],
    [0x1a, 0x0b],
  ],
}

function buildsOf(bytes: Uint8Array) {
  const program = translate(bytes)
  const entry = entryOf(program.module)
  return (['fast', 'precise'] as const).map((build) => instrument({ program, build, entry }))
}

describe('native engine: limits of V8', () => {
  for (const [name, [first, piece, last]] of Object.entries(worst))
    it(`given the largest body of ${name}, when instrumented, then V8 takes both builds (decision 22)`, () => {
      // bounded by a body's bytes, or by the words of a program; helpers get indices of three bytes
      const size = Math.min(1 << 20, 1_015_000 * (name.startsWith('instr') ? 1 : piece.length))
      for (const build of buildsOf(moduleOf(16_400, body(first, piece, size, last))))
        expect(WebAssembly.validate(build)).equal(true)
    }).timeout(20_000)

  it('given V8 itself, when a body has one byte more than its limit, then it refuses', () => {
    const sized = (size: number) => moduleOf(0, body([0], [1], size, [0x0b]))
    expect(WebAssembly.validate(sized(v8MaxBody))).equal(true)
    expect(WebAssembly.validate(sized(v8MaxBody + 1))).equal(false)
  }).timeout(20_000)

  it('given a body so large that it calls helpers, when it runs, then its steps are exact', () => {
    const bytes = moduleOf(0, body([0, 0x43, 0, 0, 0x80, 0x3f], [0xa8, 0xb2], 540_000, [0x1a, 0x0b]))
    // the constant is 5 bytes, the count of locals, drop and end 3: one step for each of the others, and 3
    const steps = 540_000n - 8n + 3n
    const nothing = new Uint8Array(0)
    for (const [i, build] of buildsOf(bytes).entries()) {
      const module = new WebAssembly.Module(build)
      const endOf = (stepLimit: bigint) =>
        lineOf(runBuild(module, { input: nothing, shared: nothing, stepLimit, maxOutput: 0 }))
      expect(endOf(steps)).equal(`halted 0 after ${steps}: `)
      expect(endOf(steps - 1n)).equal(`outOfSteps after ${steps - 1n}`)
      if (i === 1) expect(endOf(1_001n)).equal('outOfSteps after 1001')
    }
  }).timeout(20_000)
})

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { deployOneStep } from '../../scripts/spec/chain.ts'
import type { Instance, Outcome, SpecEngine } from '../../scripts/spec/engines.ts'
import { fast } from '../../scripts/spec/fast.ts'
import { native, nativeFastBuild } from '../../scripts/spec/native.ts'
import { codeHashOf } from '../../scripts/spec/onchain.ts'
import { reference } from '../../scripts/spec/reference.ts'
import { runScript } from '../../scripts/spec/runScript.ts'
import { engineNames, runSuite, scriptsOf } from '../../scripts/spec/suite.ts'
import { tallyText } from '../../scripts/spec/tally.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { hasProbes } from '../helpers/chain.ts'
import { type Checkout, createCheckout } from './checkout.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const engines = [reference, fast, native, nativeFastBuild]

const counter = `(module
  (memory 1 2)
  (global $n (export "n") (mut i32) (i32.const 40))
  (start $begin)
  (func $begin (global.set $n (i32.add (global.get $n) (i32.const 1))))
  (func (export "next") (result i32)
    (i64.store (i32.const 8) (i64.const -1))
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (global.get $n))
  (func (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))
  (func (export "nan") (param f32) (result f32) (f32.sqrt (local.get 0)))
  (func (export "bits") (param f32) (result f32) (local.get 0))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $deep (export "deep") (call $deep)))`

describe('the official WebAssembly suite', () => {
  let checkout: Checkout

  beforeEach(() => {
    checkout = createCheckout()
    writeFileSync(join(checkout.root, 'counter.wasm'), assemble(counter))
    writeFileSync(join(checkout.root, 'broken.wasm'), new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5]))
  })

  afterEach(() => checkout.remove('.'))

  function run(commands: object[], asked: readonly SpecEngine[] = engines) {
    const module = { type: 'module', line: 1, filename: 'counter.wasm' }
    checkout.write('script.json', JSON.stringify({ commands: [module, ...commands] }))
    return runScript(join(checkout.root, 'script.json'), asked)
  }
  const invoke = (field: string, ...args: object[]) => ({ action: { type: 'invoke', field, args } })
  const i32 = (value: string) => ({ type: 'i32', value })
  const f32 = (value: string) => ({ type: 'f32', value })
  const returns = (call: object, ...expected: object[]) => ({
    type: 'assert_return',
    line: 2,
    ...call,
    expected,
  })
  const traps = (call: object, text: string) => ({ type: 'assert_trap', line: 2, ...call, text })

  describe('given a module that lives through its script', () => {
    it('keeps globals and memory between invocations, on each engine', async () => {
      const tally = await run([
        returns(invoke('next'), i32('42')),
        { type: 'action', line: 3, ...invoke('next') },
        returns(invoke('next'), i32('44')),
        returns({ action: { type: 'get', field: 'n' } }, i32('44')),
      ])
      expect(tally).to.deep.include({ passed: 4, failures: [] })
    })

    it('passes and compares all bits, and several values', async () => {
      const half = { type: 'f64', value: String(0x3fe0000000000000n) }
      const tally = await run([
        returns(invoke('swap', i32('4294967295'), half), half, i32('4294967295')),
        returns(invoke('bits', f32('4290772993')), f32('4290772993')),
        returns(invoke('nan', f32('3212836864')), f32('nan:canonical')),
        returns(invoke('bits', f32('4290772993')), f32('nan:arithmetic')),
      ])
      expect(tally).to.deep.include({ passed: 4, failures: [] })
    })

    it('tells other values, other NaNs and signalling ones', async () => {
      const { passed, failures } = await run(
        [
          returns(invoke('next'), i32('43')),
          returns(invoke('bits', f32('4290772993')), f32('nan:canonical')),
          returns(invoke('bits', f32('2139095041')), f32('nan:arithmetic')),
          returns(invoke('next')),
        ],
        [fast],
      )
      expect(passed).to.equal(0)
      expect(failures).to.deep.equal([
        'line 2: "next": fast: expected (i32 43), found (0x2a) after 8 steps',
        'line 2: "bits": fast: expected (f32 nan:canonical), found (0xffc00001) after 4 steps',
        'line 2: "bits": fast: expected (f32 nan:arithmetic), found (0x7f800001) after 4 steps',
        'line 2: "next": fast: expected (), found (0x2b) after 8 steps',
      ])
    })

    it('tells traps by their reason', async () => {
      const zero = invoke('divide', i32('1'), i32('0'))
      const tally = await run([traps(zero, 'integer divide by zero'), traps(invoke('next'), 'unreachable')])
      expect(tally.passed).to.equal(1)
      expect(tally.failures).to.have.length(1)
      expect((await run([traps(zero, 'integer overflow')])).failures).to.deep.equal([
        'line 2: "divide": reference: expected the trap "integer overflow", found the trap "integer divide by zero" after 4 steps',
      ])
    })
  })

  describe('given modules that are no modules', () => {
    const refusal = (type: string, filename: string, module_type = 'binary') => ({
      ...{ type, line: 2, filename, module_type, text: '' },
    })

    it('wants them refused, and counts what is in the text format', async () => {
      const tally = await run([
        refusal('assert_malformed', 'broken.wasm'),
        refusal('assert_invalid', 'counter.wasm'),
        refusal('assert_malformed', 'absent.wat', 'text'),
      ])
      expect(tally).to.deep.include({ passed: 1, failures: ['line 2: counter.wasm is accepted'] })
      expect(tally.skipped).to.deep.equal({ 'text format': 1 })
    })

    it('does not take a missing file for a refusal', async () => {
      expect((await run([refusal('assert_malformed', 'absent.wasm')])).failures).to.have.length(1)
    })
  })

  describe('given an engine that counts wrongly', () => {
    const wrong = (change: (outcome: Outcome) => Outcome): SpecEngine => ({
      name: 'native',
      instantiate(program) {
        const instance: Instance = reference.instantiate(program)
        return {
          invoke: async (index, args) => change(await instance.invoke(index, args)),
          contents: () => instance.contents(),
        }
      },
    })

    it('says by how much', async () => {
      const more = wrong((outcome) =>
        outcome.ending === 'returned' ? { ...outcome, steps: outcome.steps + 1n } : outcome,
      )
      const { failures } = await run(
        [returns(invoke('divide', i32('6'), i32('2')), i32('3'))],
        [reference, more],
      )
      expect(failures).to.include(
        'line 2: "divide": reference and native differ: (0x3) after 6 steps and (0x3) after 7 steps',
      )
    })

    it('finds what is left in memory', async () => {
      const forgetful: SpecEngine = {
        name: 'fast',
        instantiate(program) {
          const instance = reference.instantiate(program)
          const page = () => new Uint8Array(65_536)
          return {
            invoke: (index, args) => instance.invoke(index, args),
            contents: () => ({ ...instance.contents(), page }),
          }
        },
      }
      const { failures } = await run([{ type: 'action', line: 2, ...invoke('next') }], [reference, forgetful])
      expect(failures).to.deep.equal(['line 2: "next": reference and fast differ: 255 and 0 at address 8'])
    })
  })

  describe('given what it came to on-chain', () => {
    it('was of the contracts that are there: else run "npm run spec -- --onchain DIR" with the same scripts', async function () {
      if (hasProbes) return this.skip()
      const { codeHash, steps } = JSON.parse(readFileSync(join(root, 'bench/spec-onchain.json'), 'utf8'))
      expect(steps).to.be.greaterThan(0)
      const { codes } = await deployOneStep()
      expect(codeHashOf(codes)).to.equal(codeHash)
    })
  })

  // The suite's data is not part of this repository: where it lies beside the checkout, or where WASM_SPEC says.
  describe('given its files', function () {
    this.timeout(120_000)
    const folder = process.env.WASM_SPEC ?? join(dirname(root), 'shared/wasm-spec')

    it('passes on all engines, with the same steps on each', async function () {
      if (!existsSync(folder)) {
        console.log(`      no scripts in ${folder}: set WASM_SPEC to a folder of wast2json's output`)
        return this.skip()
      }
      const total = await runSuite({ folder, files: scriptsOf(folder), engines: engineNames })
      console.log(`      passed/failed/skipped: ${tallyText(total)}`)
      expect(total.failures).to.deep.equal([])
      expect(total.passed).to.be.greaterThan(0)
      expect(total.gaveUp).to.deep.equal({})
      if (folder.endsWith('shared/wasm-spec'))
        expect(total.refused.map((name) => name.replace(/\.wasm:.*/, ''))).to.deep.equal([
          'br_table.0',
          'call_indirect.1',
          'global.0',
          'select.0',
        ])
    })
  })
})

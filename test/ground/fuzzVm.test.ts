import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { checkModule, checkSeed, Summary } from '../../scripts/fuzzVm/check.ts'
import { checkProgram, DisagreementError } from '../../scripts/fuzzVm/checkProgram.ts'
import { encodeModule } from '../../scripts/fuzzVm/encode.ts'
import { numerics } from '../../scripts/fuzzVm/instructions.ts'
import { randomModule } from '../../scripts/fuzzVm/module.ts'
import { translate } from '../../sdk/src/vm/index.ts'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { wordSize } from '../../sdk/src/vm/word.ts'
import { Random } from '../../sdk/test/helpers/vmStates.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'

const modules = Number(process.env.ASSAY_FUZZ_MODULES ?? 200)
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32 - modules))

describe('random modules', () => {
  describe('given modules of random seeds', function () {
    this.timeout(120_000)

    it(`run alike on all engines: FUZZ_SEED=${seed} ASSAY_FUZZ_MODULES=${modules}`, async () => {
      const summary = new Summary()
      for (let i = 0; i < modules; i++) {
        const failure = await checkSeed(seed + i, summary)
        if (failure !== undefined) expect.fail(`seed ${failure.seed}: ${failure.message}`)
      }
      console.log(`      ${summary}`)
      expect(summary.modules).to.equal(modules)
    })
  })

  describe('given the generator', () => {
    const generate = (seed: number, size = 3) =>
      randomModule({ random: new Random(seed), isProgram: true, size })

    it('repeats a module from its seed', () => {
      expect(generate(7).bytes).to.deep.equal(generate(7).bytes)
      expect(generate(7).bytes).not.to.deep.equal(generate(8).bytes)
    })

    it('knows every numeric instruction, and no other', () => {
      const known = opcodes.filter(({ form }) => form === 'unary' || form === 'binary')
      expect(numerics).to.have.length(known.length + 4)
    })

    it('uses every instruction of the machine', () => {
      const unused = new Set(opcodes.map(({ code }) => code))
      for (let seed = 1; seed <= 300 && unused.size > 0; seed++) {
        const { code } = translate(generate(seed).bytes)
        for (let at = 0; at < code.length; at += wordSize) unused.delete(code[at]!)
      }
      const names = opcodes.filter(({ code }) => unused.has(code)).map(({ name }) => name)
      expect(names).to.deep.equal([])
    })
  })

  describe('given engines that part', () => {
    const add =
      '(module (memory (export "memory") 1) (func (export "run") (drop (i32.add (i32.const 1) (i32.const 2)))))'

    it('finds a program that is not the one of its module', () => {
      const program = translate(assemble(add))
      expect(checkProgram(program, new Random(1))).to.include({ ending: 'halted', steps: 4 })
      // one instruction more in the words than in the module that V8 runs
      const steps = { ...program.steps, costs: program.steps.costs.map((cost) => cost + 1) }
      expect(() => checkProgram({ ...translate(assemble(add)), steps }, new Random(1))).to.throw(
        DisagreementError,
        /native/,
      )
    })

    it('finds what a program leaves in memory and does not write', () => {
      const store =
        '(module (memory (export "memory") 1) (func (export "run") (i32.store8 offset=9 (i32.const 0) (i32.const 1))))'
      const program = translate(assemble(store))
      expect(checkProgram(program, new Random(1))).to.include({ ending: 'halted', steps: 4 })
      // the words store another byte than the module that V8 runs
      const code = program.code.slice()
      code[2 * wordSize + wordSize - 1] = 2
      expect(() => checkProgram({ ...translate(assemble(store)), code }, new Random(1))).to.throw(
        DisagreementError,
        'memory at 9: reference 2, native',
      )
    })

    it('tells the seed and the module', async () => {
      const bytes = encodeModule({
        ...{ types: [], imports: [], functions: [], globals: [], exports: [], elements: [], data: [] },
      })
      const random = new Random(1)
      const failure = await checkModule({ seed: 5, bytes, isProgram: true, random, summary: new Summary() })
      expect(failure).to.include({ seed: 5, bytes })
      expect(failure!.message).to.include('ProgramEntryError')
    })
  })
})

import { programIdOf } from 'assay'
import { runFast, translate } from 'assay/vm'
import { expect } from 'chai'
import { type Fault, faultInput } from '../../examples/faults/requests.ts'
import { optionInputs } from '../../examples/options/pricing.ts'
import { tileInputs } from '../../examples/pathtracer/tiles.ts'
import { loadProgram, type ProgramName, programNames } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { rangeInputs } from '../../examples/wordcount/words.ts'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor } from '../src/executor/types.ts'

const text = new TextEncoder().encode('to be or not to be')
const tile = { width: 4, height: 4, tileWidth: 4, tileHeight: 4, samples: 1 }
const option = { kind: 'call', spot: 100, strike: 100, rate: 0.05, volatility: 0.2, years: 1 } as const
const faults: Fault[] = ['echo', 'trap', 'loop', 'exit', 'write', 'grow', 'address', 'divide', 'recurse']

/** Small tasks of each example. */
const tasks: Record<ProgramName, { inputs: Uint8Array[]; shared?: Uint8Array }> = {
  pathtracer: { inputs: tileInputs(tile) },
  options: { inputs: optionInputs(option, { tasks: 1, samples: 100 }) },
  wordcount: { inputs: rangeInputs({ length: text.length, tasks: 1 }), shared: text },
  tiny: { inputs: tinyInputs(1) },
  faults: { inputs: faults.map((fault) => faultInput(fault)) },
}

describe('the native engine and the examples', () => {
  let executor: Executor
  let fallbacks: string[]
  before(() => {
    const onFallback = ({ reason }: { reason: string }) => fallbacks.push(reason)
    executor = createExecutor({ slots: 1, onFallback })
  })
  beforeEach(() => {
    fallbacks = []
  })
  after(() => executor.close())

  for (const name of programNames)
    it(`ends every task of ${name} itself, as the interpreter does`, async () => {
      const program = await loadProgram(name)
      const translated = translate(program)
      const { programId } = await executor.check({ programId: programIdOf(program), program })
      const { inputs, shared = new Uint8Array(0) } = tasks[name]
      for (const input of inputs) {
        const given = { input, shared, stepLimit: 50_000_000n, maxOutput: 2 ** 20 }
        const outcome = await executor.run({ ...given, programId, program, wallTimeMs: 20_000 })
        const { status, exitCode, outputRoot, outputLength, steps } = runFast({
          ...given,
          program: translated,
        })
        expect(outcome).to.include({ status, exitCode, outputRoot, outputLength, steps })
        expect({ engine: outcome.engine, fallbacks }).to.deep.equal({ engine: 'native', fallbacks: [] })
      }
    })
})

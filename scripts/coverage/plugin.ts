import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HardhatPlugin } from 'hardhat/types/plugins'
import type { CompilerInput, CompilerOutput } from 'hardhat/types/solidity'
import { unmeasured } from './exclusions.ts'
import { type Instrumented, instrument } from './instrument.ts'
import { branchesOf, Ids, type Measured } from './points.ts'
import { PROBE, PROBE_SOURCE } from './probe.ts'

/** Names the folder that a run compiles into and writes its result to. */
export const COVERAGE_FOLDER = 'ASSAY_COVERAGE_FOLDER'
/** The result's file there, a {@link Measured}. */
export const MEASURED_FILE = 'measured.json'

/** What Hardhat puts before the paths of the project's own sources. */
const OWN = 'project/'

/** Instruments the contracts on their way to the compiler, and writes what the tests of this process reached. */
export function coveragePlugin(folder: string): HardhatPlugin {
  const ids = new Ids()
  const instrumented = new Map<string, Instrumented>()
  const reached = new Set<number>()

  /** A source is the same in every compilation of a run: it is instrumented once. */
  const sourcesOf = (input: CompilerInput, analysed: CompilerOutput): CompilerInput['sources'] => {
    const sources = Object.entries(input.sources).map(([name, { content }]) => {
      const path = name.slice(OWN.length)
      if (!name.startsWith(OWN) || unmeasured.some(({ files }) => files.test(path)))
        return [name, { content }]
      const done = instrumented.get(path) ?? instrument(path, content, analysed.sources[name]?.ast, ids)
      instrumented.set(path, done)
      return [name, { content: done.source }]
    })
    return { ...Object.fromEntries(sources), [PROBE_SOURCE]: { content: PROBE } }
  }

  return {
    id: 'assay-coverage',
    hookHandlers: {
      solidity: async () => ({
        default: async () => ({
          async invokeSolc(context, compiler, input, config, next) {
            const settings = { ...input.settings, outputSelection: { '*': { '': ['ast'] } } }
            const analysed = await next(context, compiler, { ...input, settings }, config)
            const failed = analysed.errors?.some(({ severity }) => severity === 'error')
            if (failed) return analysed
            // in place, so that the chain decodes what was compiled
            Object.assign(input.sources, sourcesOf(input, analysed))
            const output = await next(context, compiler, input, config)
            // warnings are about probes, and about the size that they bring along
            return { ...output, errors: output.errors?.filter(({ severity }) => severity === 'error') ?? [] }
          },
        }),
      }),
      network: async () => ({
        default: async () => ({
          async onCoverageData(_context, tags) {
            const hits = new Set(tags.map((tag) => Number.parseInt(tag, 16)))
            const gates = [...instrumented.values()].flatMap((one) => one.gates)
            for (const id of [...hits, ...branchesOf(gates, hits)]) reached.add(id)
          },
        }),
      }),
      test: async () => ({
        default: async () => ({
          async onTestRunDone(context, id, next) {
            await next(context, id)
            const points = [...instrumented.values()].flatMap((one) => one.points)
            const measured: Measured = { points, reached: [...reached] }
            writeFileSync(join(folder, MEASURED_FILE), JSON.stringify(measured))
          },
        }),
      }),
    },
  }
}

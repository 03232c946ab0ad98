import { type Baseline, contractKey, type Original } from './baseline.ts'
import type { Compiled } from './compiler.ts'
import type { Lane } from './lane.ts'
import type { Mutant } from './mutants.ts'
import type { Project } from './project.ts'
import type { Outcome } from './results.ts'

/** What every trial of a run needs. */
export interface Bench {
  project: Project
  baseline: Baseline
  actions: number
  /** After which the tests of a mutant count as hanging. */
  limitSeconds: number
}

/**
 * Compiles a mutant and runs the tests until one fails. The lane holds the original code again afterwards.
 *
 * @param files the tests in their order
 */
export async function tryMutant(lane: Lane, mutant: Mutant, files: string[], bench: Bench): Promise<Outcome> {
  const started = performance.now()
  const end = (outcome: Omit<Outcome, 'seconds'>): Outcome => {
    return { ...outcome, seconds: Math.round((performance.now() - started) / 100) / 10 }
  }
  const originals = bench.project
    .contractsWith(mutant.file)
    .map((contract) => bench.baseline.originals.get(contractKey(contract))!)
  const compiled = await compileMutant(lane, mutant, originals, bench.project)
  if (compiled === undefined) return end({ status: 'invalid' })
  if (compiled.every((code, i) => code.bytecode === originals[i]!.bytecode)) return end({ status: 'same' })

  lane.install(compiled)
  try {
    const { reports, ending } = await lane.test({ files, all: false }, bench.actions, bench.limitSeconds)
    const failed = reports.find(({ failures }) => failures.length > 0)
    if (failed !== undefined) {
      const { title, message } = failed.failures[0]!
      return end({ status: 'killed', by: { file: failed.file, title, message: firstLine(message) } })
    }
    if (ending === 'timeout') return end({ status: 'timeout' })
    if (ending === 'done') return end({ status: 'survived' })
    // Without the mutation the same tests came to their end.
    const file = files[reports.length] ?? ''
    return end({ status: 'killed', by: { file, title: '', message: firstLine(ending.crash) } })
  } finally {
    lane.install(originals)
  }
}

/** The contracts with the mutation, in the order of their originals; undefined when it does not compile. */
async function compileMutant(
  lane: Lane,
  mutant: Mutant,
  originals: readonly Original[],
  project: Project,
): Promise<Compiled[] | undefined> {
  const changed = { file: mutant.file, text: project.sources.get(mutant.file)!.replace(mutant, mutant.text) }
  const compiled = new Map<Original, Compiled>()
  for (const profile of new Set(originals.map((original) => original.profile))) {
    const alike = originals.filter((original) => original.profile === profile)
    const wanted = alike.map(({ file, name }) => ({ file, name }))
    const report = await lane.compile(wanted, profile, changed)
    if ('errors' in report) return undefined
    alike.forEach((original, i) => {
      compiled.set(original, report.compiled[i]!)
    })
  }
  return originals.map((original) => compiled.get(original)!)
}

const firstLine = (text: string) => text.split('\n', 1)[0]!.slice(0, 300)

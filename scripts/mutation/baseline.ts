import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Compiled, ContractName, Profile } from './compiler.ts'
import { MutationError } from './errors.ts'
import type { Lane } from './lane.ts'

/** How a contract is compiled, and its code without a mutation. */
export interface Original extends Compiled {
  profile: Profile
}

/** What mutants are compared with. */
export interface Baseline {
  /** Keyed by {@link contractKey}. */
  originals: ReadonlyMap<string, Original>
  /** Of each file of tests. */
  seconds: ReadonlyMap<string, number>
}

interface Measured {
  everything: string
  profile: string
  seconds: [file: string, seconds: number][]
}

const LIMIT_SECONDS = 3_600

export const contractKey = ({ file, name }: ContractName) => `${file}:${name}`

/**
 * Finds the fastest way to compile that the tests pass with, and measures them. What was measured is kept in a file, for
 * as long as contracts and tests stay as they are.
 *
 * @param say hears about the progress
 * @throws {MutationError} when the tests fail without any mutation
 */
export async function findBaseline(options: {
  lane: Lane
  /** Every contract, and those that mutants are part of. */
  all: readonly ContractName[]
  wanted: readonly ContractName[]
  tests: readonly string[]
  profiles: readonly Profile[]
  actions: number
  everything: string
  file: string
  say: (line: string) => void
}): Promise<Baseline> {
  const { lane, all, wanted, tests, profiles, everything, file, say } = options
  const known = readMeasured(file, everything)
  const first = Math.max(
    0,
    profiles.findIndex(({ name }) => name === known?.profile),
  )
  const failures: string[] = []
  for (const profile of profiles.slice(first)) {
    const compiling = performance.now()
    const originals = await compileEach(
      lane,
      known === undefined ? all : wanted,
      profiles.slice(profiles.indexOf(profile)),
    )
    lane.install([...originals.values()])
    say(
      `compiled ${profile.name} in ${elapsed(compiling)} s, ${others(originals, profile)} of ${originals.size} otherwise`,
    )
    if (known !== undefined) return { originals, seconds: new Map(known.seconds) }

    const testing = performance.now()
    const { reports, ending } = await lane.test(
      { files: [...tests], all: true },
      options.actions,
      LIMIT_SECONDS,
    )
    const failed = reports.flatMap((report) => report.failures.map(({ title }) => `${report.file}: ${title}`))
    if (ending !== 'done') failed.push(ending === 'timeout' ? 'the tests did not end' : ending.crash)
    if (failed.length === 0) {
      say(`${tests.length} files of tests pass in ${elapsed(testing)} s`)
      const seconds = reports.map((report): [string, number] => [report.file, report.seconds])
      writeFileSync(
        file,
        JSON.stringify({ everything, profile: profile.name, seconds } satisfies Measured, undefined, 2),
      )
      return { originals, seconds: new Map(seconds) }
    }
    say([`${failed.length} tests fail when compiled ${profile.name}:`, ...failed].join('\n  '))
    failures.push(...failed)
  }
  throw new MutationError(`Tests fail without any mutation:\n  ${[...new Set(failures)].join('\n  ')}`)
}

/** Each contract by the first of the profiles that can. */
async function compileEach(
  lane: Lane,
  contracts: readonly ContractName[],
  profiles: readonly Profile[],
): Promise<Map<string, Original>> {
  const originals = new Map<string, Original>()
  for (const contract of contracts) {
    const errors: string[] = []
    for (const profile of profiles) {
      const report = await lane.compile([contract], profile)
      if ('compiled' in report) {
        originals.set(contractKey(contract), { ...report.compiled[0]!, profile })
        break
      }
      errors.push(...report.errors)
    }
    if (!originals.has(contractKey(contract))) {
      throw new MutationError(`${contractKey(contract)} does not compile.\n\n${errors.join('\n')}`)
    }
  }
  return originals
}

function others(originals: ReadonlyMap<string, Original>, profile: Profile): number {
  return [...originals.values()].filter((original) => original.profile !== profile).length
}

const elapsed = (since: number) => ((performance.now() - since) / 1000).toFixed(1)

function readMeasured(file: string, everything: string): Measured | undefined {
  if (!existsSync(file)) return undefined
  const measured = JSON.parse(readFileSync(file, 'utf8')) as Measured
  return measured.everything === everything ? measured : undefined
}

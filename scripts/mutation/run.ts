import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import hre from 'hardhat'
import { listFiles } from '../bootstrap/files.mjs'
import { withLock } from '../bootstrap/lock.mjs'
import { fingerprint } from '../support/fingerprint.ts'
import { suites } from '../testing/suites.ts'
import { type Baseline, findBaseline } from './baseline.ts'
import { Callers } from './callers.ts'
import { type Profile, profiles } from './compiler.ts'
import { MutationError } from './errors.ts'
import { type Explained, explanationOf, readExplained, staleEntries } from './explained.ts'
import { Lane } from './lane.ts'
import { generateMutants, type PlacedMutant } from './mutants.ts'
import { planTests, type TestFile } from './plan.ts'
import { MONEY, Project } from './project.ts'
import { describeExplained, describeMutant, score, table } from './report.ts'
import { type Evidence, evidenceOf, type Result, Results } from './results.ts'
import { chooseFiles, chooseUnits, sample } from './sample.ts'
import { type Bench, tryMutant } from './trial.ts'

export interface Options {
  count: number
  seed: number
  /** Patterns of sources; those of {@link MONEY} where there is none. */
  files: string[]
  /** Names of functions, modifiers and constants; all where there is none. */
  only: string[]
  jobs: number
  /** Random calls that the model makes. */
  actions: number
  /** Only show what would be tried. */
  list: boolean
}

const EXPLAINED = 'test/mutation/explained.json'
const CACHE = 'cache/mutation'
/** Tests of a mutant may take so many times what they take without it. */
const PATIENCE = 4
const LEAST_LIMIT_SECONDS = 60

const say = (line: string) => console.error(line)

/**
 * Tries a sample of mutants, and prints what became of them.
 *
 * @returns whether every survivor is explained
 * @throws {MutationError} when nothing could be tried
 */
export async function runMutation(root: string, options: Options): Promise<boolean> {
  const project = Project.read(root)
  const explained = readExplained(join(root, EXPLAINED))
  const chosen = chooseFiles(root, options.files.length > 0 ? options.files : MONEY)
  const mutants = chooseUnits(generateMutants(project, chosen), options.only)
  if (mutants.length === 0) throw new MutationError('No such file, or no such function in it.')
  const drawn = sample(mutants, options.seed, options.count)
  say(`${drawn.length} of ${mutants.length} mutants, drawn with --seed ${options.seed}`)
  if (options.list) {
    for (const mutant of drawn) console.log(describeMutant({ mutant }))
    return true
  }
  const results = await withLock(join(root, CACHE, 'lock'), () => tryAll(root, project, drawn, options))
  const named = explained.map(({ file }) => file).filter((file) => project.sources.has(file))
  const stale = staleEntries(generateMutants(project, [...new Set(named)]), explained)
  return conclude(results, explained, stale)
}

async function tryAll(
  root: string,
  project: Project,
  drawn: readonly PlacedMutant[],
  options: Options,
): Promise<Result[]> {
  const own = hre.config.solidity.profiles.default!.compilers[0]!.settings as Record<string, unknown>
  const ways = profiles(own)
  const tests = readTests(root)
  const evidence = gatherEvidence(root, project, tests, ways, options)
  const results = new Results(join(root, CACHE, 'results.jsonl'))
  const known = drawn.filter(({ key }) => results.find(key, evidence) !== undefined)
  const open = drawn.filter((mutant) => !known.includes(mutant))
  if (known.length > 0) say(`${known.length} of them are known already`)
  if (open.length > 0) {
    await tryOpen(open, { root, project, options, tests, evidence, results, ways })
  }
  return drawn.flatMap(({ key }) => results.find(key, evidence) ?? [])
}

interface Work {
  root: string
  project: Project
  options: Options
  tests: Omit<TestFile, 'seconds'>[]
  evidence: Evidence
  results: Results
  ways: Profile[]
}

async function tryOpen(open: readonly PlacedMutant[], work: Work): Promise<void> {
  const { root, project, options, tests, evidence, results, ways } = work
  mkdirSync(join(root, CACHE), { recursive: true })
  const laneOf = (number: number) => new Lane(root, join(root, CACHE, `lane-${number}`), project)
  const lanes = [laneOf(0)]
  try {
    const baseline = await findBaseline({
      ...{ lane: lanes[0]!, profiles: ways, actions: options.actions, say },
      ...{ all: project.contracts(), wanted: affected(project, open) },
      tests: tests.map(({ path }) => path),
      ...{ everything: evidence.everything, file: join(root, CACHE, 'baseline.json') },
    })
    for (let i = 1; i < Math.min(options.jobs, open.length); i++) lanes.push(laneOf(i))
    for (const lane of lanes) lane.install([...baseline.originals.values()])

    const bench = { project, baseline, actions: options.actions, limitSeconds: limitOf(baseline) }
    const callers = new Callers(project)
    const timed = tests.map((test) => ({ ...test, seconds: baseline.seconds.get(test.path) ?? 0 }))
    const queue = [...open]
    let tried = 0
    const worker = async (lane: Lane) => {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const order = planTests(callers.reach(mutant.declaration), timed, results.killsIn(mutant.file))
        const result = await tryOne(lane, mutant, order, bench, evidence)
        results.add(result)
        say(progress(result, ++tried, open.length))
      }
    }
    // One that fails stops the others before their next mutant.
    const stopping = (error: unknown) => {
      queue.length = 0
      throw error
    }
    const ends = await Promise.allSettled(lanes.map((lane) => worker(lane).catch(stopping)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()))
  }
}

async function tryOne(
  lane: Lane,
  mutant: PlacedMutant,
  order: readonly TestFile[],
  bench: Bench,
  evidence: Evidence,
): Promise<Result> {
  const files = order.map(({ path }) => path)
  const outcome = await tryMutant(lane, mutant, files, bench)
  const { key, file, line, unit, operator, before, after } = mutant
  return {
    ...{ key, ...outcome, evidence: evidenceOf(outcome, evidence) },
    mutant: { file, line, unit, operator, before, after },
  }
}

function progress({ mutant, status, by, seconds }: Result, number: number, all: number): string {
  const where = `${mutant.file}:${mutant.line} ${mutant.unit}, ${mutant.operator}`
  const whom = by === undefined ? '' : ` by ${by.file}`
  return `${String(number).padStart(String(all).length)}/${all} ${status}${whom}: ${where} (${seconds} s)`
}

/** The contracts that any of the mutants is part of. */
function affected(project: Project, mutants: readonly PlacedMutant[]) {
  const files = [...new Set(mutants.map(({ file }) => file))]
  const contracts = files.flatMap((file) => project.contractsWith(file))
  return [...new Map(contracts.map((contract) => [`${contract.file}:${contract.name}`, contract])).values()]
}

function limitOf({ seconds }: Baseline): number {
  const all = [...seconds.values()].reduce((sum, one) => sum + one, 0)
  return Math.max(LEAST_LIMIT_SECONDS, PATIENCE * all)
}

/** The tests of the contracts, as `npm test` finds them. */
function readTests(root: string): Omit<TestFile, 'seconds'>[] {
  const { files } = suites.find(({ name }) => name === 'contracts')!
  return listFiles(root, files).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function gatherEvidence(
  root: string,
  project: Project,
  tests: readonly Omit<TestFile, 'seconds'>[],
  ways: readonly Profile[],
  { actions }: Options,
): Evidence {
  const helpers = listFiles(root, ['test/**/*.ts', '!test/e2e/**', '!test/ground/**'])
  const texts = helpers.map((path) => `${path}\n${readFileSync(join(root, path), 'utf8')}`)
  const contracts = project.fingerprint()
  return {
    contracts,
    everything: fingerprint([contracts, JSON.stringify(ways), String(actions), ...texts]),
    tests: new Map(tests.map(({ path, text }) => [path, fingerprint([text])])),
  }
}

/** Prints the tables and the survivors; true when all of them are explained. */
function conclude(
  results: readonly Result[],
  explained: readonly Explained[],
  stale: readonly Explained[],
): boolean {
  const survivors = results.filter(({ status }) => status === 'survived')
  const reasonOf = ({ mutant }: Result) => explanationOf(mutant, explained)
  const open = survivors.filter((result) => reasonOf(result) === undefined)
  const section = (title: string, entries: readonly string[]) => {
    if (entries.length > 0) console.log(`\n${title}\n\n${entries.join('\n')}`)
  }
  console.log(table('operator', results, ({ mutant }) => mutant.operator))
  console.log(`\n${table('file', results, ({ mutant }) => mutant.file)}`)
  section('Explained survivors', survivors.filter(reasonOf).map(describeMutant))
  section(
    'Explained, yet killed: take them out of the list',
    results.filter((result) => result.status === 'killed' && reasonOf(result)).map(describeMutant),
  )
  section('Explained, but no such mutant any more', stale.map(describeExplained))
  section('Survivors', open.map(describeMutant))
  console.log(`\n${score(results)}, ${open.length} survivors without an explanation`)
  return open.length === 0
}

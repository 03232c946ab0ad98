// Writes the tables of docs/benchmarks.md from the figures in bench/; with --check, fails if the page has others. What
// stands outside of `<!-- name -->` … `<!-- end -->` is written by hand.
import { readFileSync, writeFileSync } from 'node:fs'

type Gas = {
  compiler: string
  life: { optimistic: number; signed: number; attested: number; replicated3: number }
  lifeParts: Record<string, Record<string, number>>
  perTask: Record<string, number>
  settleMany: Record<string, number>
  functions: Record<string, number>
}
type Market = {
  machine: string
  'one job of 1,000 tasks': Measured
  '100 jobs of 10 tasks': Measured
  runnerPeakMiB: number[]
}
type Vm = {
  nativeRatio: { geomean: number; kernels: Record<string, number> }
  preciseRatio: number
  fastStepsPerSecond: number
  fastMegasteps: Record<string, number>
  merkleNodesPerSecond: number
  rootOf64MiBMs: number
  secondsToStateOf1e9Steps: number
  translatedMegabytesPerSecond: number
  stepGas: {
    worst: number
    greatestTypical: number
    byInstruction: Record<string, { worst: number; typical: number }>
  }
}
/** By the number of steps that a task is said to have taken. */
type Dispute = Record<
  '10^6' | '10^9' | '2^40',
  { rounds: number; gasProvider: number; gasChallenger: number; gasOpening: number; seconds: number }
>
type Measured = {
  seconds: { posted: number; verified: number; settled: number }
  tasksPerSecond: number
  jobsPerSecond: number
  gasPerTask: number
  gasPerJob: number
}

const page = new URL('../docs/benchmarks.md', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(`../bench/${name}`, import.meta.url), 'utf8'))
const gas: Gas = read('gas.json')
const market: Market = read('market.json')
const vm: Vm = read('vm.json')
const dispute: Dispute = read('dispute.json')
const oneJob = market['one job of 1,000 tasks']
const manyJobs = market['100 jobs of 10 tasks']

const number = (value: number) => value.toLocaleString('en')
const table = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [header, header.map((title, i) => (i === 0 || title === '' ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

function goals(): string {
  const rows: [what: string, unit: string, measured: number | undefined, goal: number][] = [
    ['whole life of a job, four transactions', 'gas', gas.life.optimistic, 250_000],
    ['the same with a signed request, three transactions', 'gas', gas.life.signed, 200_000],
    ['a task, of 1,000 in one job', 'gas', gas.perTask['1000'], 300],
    ['`settleMany` of 100 jobs of one provider, a job', 'gas', gas.settleMany['100'], 15_000],
    ['`deposit`', 'gas', gas.functions.deposit, 60_000],
    ['`withdraw`', 'gas', gas.functions.withdraw, 45_000],
    [
      'a whole dispute of 2^40 steps, both sides',
      'gas',
      dispute['2^40'].gasProvider + dispute['2^40'].gasChallenger,
      1_500_000,
    ],
    ['opening a challenge', 'gas', dispute['2^40'].gasOpening, 120_000],
    ['one job of 1,000 tiny tasks, posted to settled', 's', oneJob.seconds.settled, 10],
    ['peak memory of a runner', 'MiB', Math.max(...market.runnerPeakMiB), 300],
  ]
  const verdict = (measured: number | undefined, goal: number) =>
    measured === undefined ? 'not built' : measured <= goal ? 'met' : 'falls short'
  return table(
    ['goal', 'at most', 'measured', ''],
    rows.map(([what, unit, measured, goal]) => [
      what,
      `${number(goal)} ${unit}`,
      measured === undefined ? '–' : `${number(measured)} ${unit}`,
      verdict(measured, goal),
    ]),
  )
}

/** What each part of a transaction's gas is, in the order of `lifeParts`. */
const parts: Record<string, string> = {
  transaction: 'every transaction: 21,000',
  calldata: 'arguments: 16 for a byte, 4 for a zero byte',
  newWords: 'words that were zero: 20,000',
  changedWords: 'words that were not: 2,900',
  coldReads: 'first touch of a word: 2,100',
  warmStorage: 'further touches: 100',
  logs: 'events: 375, as much for each topic, 8 for a byte',
  calls: 'calls of other contracts',
  computation: 'everything else',
}

function life(): string {
  const transactions = Object.values(gas.lifeParts)
  const sum = (part: string) => transactions.reduce((total, of) => total + (of[part] ?? 0), 0)
  const row = (title: string, part: string) => [
    title,
    ...transactions.map((of) => number(of[part] ?? 0)),
    number(sum(part)),
    (sum(part) / 5_000).toFixed(1),
  ]
  return table(
    ['', ...Object.keys(gas.lifeParts).map((name) => `\`${name}\``), 'sum', '× 5,000'],
    [
      ...Object.entries(parts)
        .filter(([part]) => sum(part) > 0)
        .map(([part, title]) => row(title, part)),
      row('**whole**', 'total'),
    ],
  )
}

function functions(): string {
  const rows = Object.entries(gas.functions).map(([name, value]) => {
    const [call, each] = name.split('/')
    return [`\`${call}\`${each === undefined ? '' : `, a ${each} of five`}`, number(value)]
  })
  return table(['function', 'gas'], rows)
}

function peers(): string {
  const assay = [
    `**Assay**, four transactions, stake and bond, auction`,
    number(gas.life.optimistic),
    `${number(gas.settleMany['100'] ?? 0)} to settle, ${number(gas.functions['postMany/job'] ?? 0)} to post`,
  ]
  const signed = ['**Assay**, signed request, three transactions', number(gas.life.signed), '–']
  const attested = ['**Assay**, Attested, five transactions', number(gas.life.attested), '–']
  const replicated = [
    '**Assay**, Replicated, three seats that commit and reveal',
    number(gas.life.replicated3),
    '–',
  ]
  return table(['system', 'one job', 'a job in a batch'], [assay, signed, attested, replicated, ...PEERS])
}

/** Receipts of the happy path in the steady state, measured or committed by the projects themselves. */
const PEERS: readonly (readonly string[])[] = [
  ['Graph Horizon: collect a voucher (no matching, no verification)', '160,662', 'any number of requests'],
  ['Livepeer: redeem a winning ticket (likewise)', '203,684', '91,108'],
  ['Boundless: lock, submit and fulfil, without the proof (about 250,000 more)', '309,962', '216,750'],
  ['Olas mech: request, deliver, payout', '559,651', '208,104; 130,068 signed off-chain'],
  ['iExec Boost: match, push', '760,709', '233,000 + 528,000 / N'],
  ['Lilypad: agree twice, result, accept', '1,772,550', 'none'],
  ['iExec classic, one TEE worker', '1,813,048', '–'],
  ['iExec classic, two workers', '2,193,451', '1,680,000'],
]

function loop(): string {
  const row = (what: string, { seconds, tasksPerSecond, jobsPerSecond, gasPerTask, gasPerJob }: Measured) => [
    what,
    ...[seconds.posted, seconds.verified, seconds.settled].map((value) => `${value.toFixed(1)} s`),
    number(tasksPerSecond),
    number(jobsPerSecond),
    number(gasPerTask),
    number(gasPerJob),
  ]
  const header = ['', 'posted', 'verified', 'settled', 'tasks/s', 'jobs/s', 'gas/task', 'gas/job']
  const rows = [row('1 job of 1,000 tasks', oneJob), row('100 jobs of 10 tasks', manyJobs)]
  const memory = market.runnerPeakMiB.map((mib) => `${mib} MiB`).join(' and ')
  return `${table(header, rows)}\n\nOn ${market.machine}. Peak memory of the two runners: ${memory}.`
}

/** Goals of the machine, each with whether it is reached by being greater or smaller. */
function machine(): string {
  const { stepGas } = vm
  const millions = (value: number) => Number((value / 1e6).toFixed(1))
  const rows: [what: string, goal: number, is: 'at most' | 'at least', measured: number, unit: string][] = [
    ['native engine, times plain V8', 1.5, 'at most', vm.nativeRatio.geomean, ''],
    ['interpreter', 500, 'at least', millions(vm.fastStepsPerSecond), ' M steps/s'],
    ['10^9 steps to any state', 3, 'at most', vm.secondsToStateOf1e9Steps, ' s'],
    ['hashing', 2, 'at least', millions(vm.merkleNodesPerSecond), ' M nodes/s'],
    ['root of a state after 64 MiB were written', 2, 'at most', vm.rootOf64MiBMs / 1_000, ' s'],
    ['translation of WebAssembly', 5, 'at least', vm.translatedMegabytesPerSecond, ' MB/s'],
    ['a step on-chain, the dearest there is', 180_000, 'at most', stepGas.worst, ' gas'],
    ['… of a usual state, the dearest instruction', 110_000, 'at most', stepGas.greatestTypical, ' gas'],
  ]
  return table(
    ['', 'goal', 'measured', ''],
    rows.map(([what, goal, is, measured, unit]) => [
      what,
      `${is} ${number(goal)}${unit}`,
      `${number(measured)}${unit}`,
      (is === 'at most' ? measured <= goal : measured >= goal) ? 'met' : 'falls short',
    ]),
  )
}

/** What the kernels of bench/kernels compute. */
const kernelTitles: Record<string, string> = {
  sieve: 'sieve of primes',
  matrix: 'product of matrices, i32',
  nbody: 'n bodies, f64',
  sha256: 'SHA-256',
  mixing: 'mixing of 64-bit words',
  fibonacci: 'recursive calls',
  pathtracer: 'path tracer',
  wordcount: 'word count',
}

function kernels(): string {
  const rows = Object.entries(vm.nativeRatio.kernels).map(([name, ratio]) => [
    kernelTitles[name] ?? name,
    ratio.toFixed(2),
    number(vm.fastMegasteps[name] ?? 0),
  ])
  const header = ['program', 'native, times plain V8', 'interpreter, M steps/s']
  return `${table(header, rows)}\n\nThe precise build takes ${vm.preciseRatio.toFixed(2)} times as long as plain V8.`
}

/** One instruction for each sort of witness. */
const stepKinds = ['jump', 'move', 'i32.add', 'f64.sqrt', 'f64.div', 'call', 'return', 'call_indirect']
const memoryKinds = ['i64.load', 'i64.store', 'memory_fill', 'memory_copy', 'input_read', 'output_write']

function steps(): string {
  const rows = [...stepKinds, ...memoryKinds].map((name) => {
    const gas = vm.stepGas.byInstruction[name]
    return [`\`${name}\``, number(gas?.typical ?? 0), number(gas?.worst ?? 0)]
  })
  return table(['instruction', 'usual', 'worst'], rows)
}

function disputes(): string {
  const rows = Object.entries(dispute).map(([steps, figures]) => {
    const { rounds, gasProvider, gasChallenger, seconds } = figures
    return [steps, number(rounds), number(gasProvider), number(gasChallenger), `${seconds}`]
  })
  return table(['steps of the task', 'rounds', "provider's gas", "challenger's gas", 'seconds'], rows)
}

const tables: Record<string, () => string> = {
  ...{ goals, life, functions, peers, loop },
  ...{ machine, kernels, steps, disputes },
}
const before = readFileSync(page, 'utf8')
const after = before.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
  const make = tables[name]
  if (make === undefined) throw new SyntaxError(`docs/benchmarks.md: there is no table ${name}`)
  return `<!-- ${name} -->\n${make()}\n<!-- end -->`
})
if (!process.argv.includes('--check')) {
  writeFileSync(page, after)
} else if (before !== after) {
  console.error('docs/benchmarks.md has other figures than bench/: run "node scripts/generate-benchmarks.ts"')
  process.exitCode = 1
}

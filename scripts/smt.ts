// npm run smt [-- contract…]: has the compiler's model checker prove test/smt/*Proofs.sol, with z3 as its solver, and fails
// for what is refuted, and for what is undecided and not explained in docs/security/smt.md. SMT_SECONDS bounds each attempt
// at a query.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { listFiles } from './bootstrap/files.mjs'
import type { Obligation, Proof } from './smt/prove.ts'
import { compareTriage, readTriage } from './smt/triage.ts'
import { findZ3 } from './smt/z3.ts'

const PAGE = 'docs/security/smt.md'
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const seconds = Number(process.env.SMT_SECONDS ?? 6)
const names = process.argv.slice(2)
const all = listFiles(root, ['test/smt/*Proofs.sol'])
const files = all.filter((file) => names.length === 0 || names.includes(basename(file, '.sol')))

const version = findZ3()
if (version === undefined) {
  console.error('There is no z3 on the path. Debian has it as a package: apt-get install z3')
  process.exitCode = 1
} else if (names.length > 0 && files.length < names.length) {
  console.error(`There are these proofs: ${all.map((file) => basename(file, '.sol')).join(', ')}`)
  process.exitCode = 2
} else {
  console.error(`${version}, at most ${seconds} s for an attempt`)
  process.exitCode = (await run()) ? 0 : 1
}

/** False when something is refuted, or undecided and not explained. */
async function run(): Promise<boolean> {
  const started = Date.now()
  const waiting = [...files]
  const found: Obligation[] = []
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const begun = Date.now()
      const { obligations, unsupported } = await proveAside(file)
      show(basename(file, '.sol'), obligations, (Date.now() - begun) / 1_000)
      for (const message of unsupported) console.log(`  taken for anything: ${message}`)
      found.push(...obligations)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), files.length) }, lane))

  const { unexplained, stale } = compareTriage(found, readTriage(readFileSync(join(root, PAGE), 'utf8')))
  const count = (verdict: Obligation['verdict']) => found.filter((one) => one.verdict === verdict).length
  const minutes = ((Date.now() - started) / 60_000).toFixed(1)
  console.log(
    `\n${count('proven')} proven, ${count('refuted')} refuted, ${count('undecided')} undecided in ${minutes} minutes`,
  )
  for (const one of unexplained) console.log(`  not in ${PAGE}: ${one.contract}, ${describe(one)}`)
  for (const { contract, file, kind, code } of stale)
    console.log(`  no longer there, but in ${PAGE}: ${contract}, ${file} ${kind} of ${code}`)
  return count('refuted') === 0 && unexplained.length === 0 && stale.length === 0
}

function proveAside(file: string): Promise<Proof> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('smt/worker.ts', import.meta.url), {
      workerData: { root, file, seconds },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function show(contract: string, obligations: readonly Obligation[], spent: number): void {
  const proven = obligations.filter(({ verdict }) => verdict === 'proven').length
  console.log(`${contract}: ${proven} of ${obligations.length} proven (${spent.toFixed(0)} s)`)
  for (const one of obligations) {
    console.log(`  ${one.verdict.padEnd(9)} ${one.seconds.toFixed(1).padStart(5)} s  ${describe(one)}`)
    if (one.example) console.log(`    where ${one.example}`)
  }
}

function describe({ file, line, kind, code }: Obligation): string {
  return `${file}:${line} ${kind}: ${code}`
}

/**
 * The whole loop on one machine: a local chain (a block each 500 ms), two provider processes, tiny tasks. Measures one job of
 * 1,000 tasks and 100 jobs of 10 tasks from post to settled, and writes `bench/market.json`.
 *
 *   npm run bench
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMarketClient, local, type MarketClient, run } from 'assay'
import { http, parseUnits } from 'viem'
import { loadProgram } from '../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../examples/tiny/mix.ts'
import { demoAccount } from '../runner/src/cli/demoAccount.ts'
import { gasByAccount } from '../scripts/support/gas.ts'
import { type AssayProcess, startNetwork, startProvider } from '../scripts/support/processes.ts'

const INTERVAL = 500
const WINDOW = 2
const program = await loadProgram('tiny')
const work = mkdtempSync(join(tmpdir(), 'assay-bench-'))
const processes: AssayProcess[] = []

/** Peak resident memory of a process, in MiB. */
function peakMemory(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(match?.[1] ?? 0) / 1_024)
}

async function measure(client: MarketClient, store: string, jobs: number, tasksPerJob: number) {
  const tasks = jobs * tasksPerJob
  const inputs = tinyInputs(tasks)
  const fromBlock = await client.getBlockNumber()
  const started = performance.now()
  const since = () => Math.round(performance.now() - started) / 1_000
  const handle = await run(client, {
    program,
    inputs,
    store,
    maxPrice: parseUnits('1', 6) * BigInt(jobs),
    minPrice: parseUnits('1', 6) * BigInt(jobs),
    ramp: 0,
    run: 120,
    window: WINDOW,
    tasksPerJob,
    pollingInterval: 200,
  })
  const posted = since()
  const outputs = await handle.result()
  const verified = since()
  await handle.settled()
  const settled = since()
  for (const { index, bytes } of outputs) {
    const expected = tinyOutput(inputs[index] as Uint8Array)
    if (Buffer.compare(bytes, expected) !== 0) throw new Error(`task ${index} has a wrong output`)
  }
  const gas = await gasByAccount(client, fromBlock + 1n, await client.getBlockNumber())
  const total = [...gas.values()].reduce((sum, entry) => sum + entry.gas, 0n)
  return {
    jobs,
    tasks,
    seconds: { posted, verified, settled },
    tasksPerSecond: Math.round(tasks / settled),
    jobsPerSecond: Math.round((jobs / settled) * 10) / 10,
    gasPerTask: Math.round(Number(total) / tasks),
    gasPerJob: Math.round(Number(total) / jobs),
  }
}

try {
  const network = await startNetwork(join(work, 'store'), { interval: INTERVAL })
  processes.push(network.process)
  const providers: AssayProcess[] = []
  for (const account of [2, 3]) {
    const provider = await startProvider(network, {
      account,
      data: join(work, `provider-${account}`),
      args: ['--stake', '500', '--jobs', '8', '--slots', '1'],
    })
    providers.push(provider)
    processes.push(provider)
  }
  const client = createMarketClient({
    transport: http(network.rpc),
    account: demoAccount(1),
    chain: local,
    pollingInterval: 200,
  })
  const oneJob = await measure(client, network.store, 1, 1_000)
  const manyJobs = await measure(client, network.store, 100, 10)
  const result = {
    machine: `${cpus().length} cores, Node ${process.versions.node}, block interval ${INTERVAL} ms, window ${WINDOW} s`,
    'one job of 1,000 tasks': oneJob,
    '100 jobs of 10 tasks': manyJobs,
    runnerPeakMiB: providers.map(({ child }) => peakMemory(child.pid as number)),
  }
  console.log(JSON.stringify(result, null, 2))
  writeFileSync(new URL('./market.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`)
} finally {
  await Promise.all(processes.reverse().map((process) => process.stop()))
  rmSync(work, { recursive: true, force: true })
}

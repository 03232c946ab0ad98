/**
 * The whole of Assay on one machine: a local network, providers of different price and resources, a path-traced picture in
 * 72 tasks over several jobs, one provider killed in mid-job, one that lies about a tile and a watcher that proves it, payments,
 * and an audit.
 *
 *   npm run demo [-- --out DIR] [--samples N] [--honest]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createMarketClient, getAccount, getTotals, local, type RunEvent, run } from 'assay'
import { type Address, erc20Abi, formatUnits, type Hex, http, parseUnits } from 'viem'
import { assembleImage, demoImage, tileInputs, writePng } from '../examples/pathtracer/tiles.ts'
import { loadProgram } from '../examples/programs.ts'
import { demoAccount } from '../runner/src/cli/demoAccount.ts'
import { table } from '../runner/src/cli/output.ts'
import { gasByAccount } from './support/gas.ts'
import {
  type AssayProcess,
  assay,
  startLiar,
  startNetwork,
  startProvider,
  startWatcher,
} from './support/processes.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'demo-output' },
    samples: { type: 'string' },
    honest: { type: 'boolean', default: false },
  },
})
/** With a watcher, which computes everything once more, the picture has more noise. */
const WATCHED_SAMPLES = 40
/** Tile of its first job that the liar alters, counted from 0. */
const LIE = 4
const TASKS_PER_JOB = 9
const { honest } = values
const image = {
  ...demoImage,
  samples: Number(values.samples ?? (honest ? demoImage.samples : WATCHED_SAMPLES)),
}
const started = performance.now()
const seconds = () => ((performance.now() - started) / 1_000).toFixed(1).padStart(5)
const say = (text: string) => console.log(`${seconds()} s  ${text}`)
const tokens = (units: bigint) => formatUnits(units, 6)
const signed = (units: bigint) => `${units > 0n ? '+' : ''}${tokens(units)}`

const providers = [
  { name: 'Ada', account: 2, price: '0.30', cores: 2, memory: 2_048, color: 'cheap, two cores' },
  { name: 'Bob', account: 3, price: '0.45', cores: 4, memory: 4_096, color: 'fair, four cores' },
  { name: 'Cyd', account: 4, price: '0.60', cores: 8, memory: 16_384, color: 'dear, eight cores' },
] as const
const victim = providers[1]
/** Cheapest of all, so that it is sure to get a job. */
const liar = { name: 'Eve', account: 6 } as const
const watcher = { name: 'Wes', account: 5 } as const

/** Tells what liar and watcher do to each other, as their logs come. */
function tell(eve: AssayProcess, wes: AssayProcess): void {
  wes.onLine((line) => {
    const { event, task, did } = line
    if (event === 'wrong') say(`${watcher.name} finds tile ${task} of a job of ${liar.name}'s to be wrong`)
    if (event === 'challenged') say(`${watcher.name} puts a bond on it and opens a dispute`)
    if (event === 'moved') say(`  ${watcher.name}: ${did}`)
    if (event === 'challenge-won')
      say(`the chain executed one instruction: ${liar.name} lied, and is slashed`)
  })
  eve.onLine(({ event, did }) => {
    if (event === 'lied') say(`  ${liar.name}: ${did}`)
  })
}

const work = mkdtempSync(join(tmpdir(), 'assay-demo-'))
const processes: AssayProcess[] = []
try {
  const network = await startNetwork(join(work, 'store'))
  processes.push(network.process)
  say(`network at ${network.rpc}, market ${network.market}`)

  const starting = Promise.all(
    providers.map(async ({ name, account, price, cores, memory, color }) => {
      const provider = await startProvider(network, {
        account,
        data: join(work, name),
        args: [
          ...['--stake', '100', '--min-price', price, '--cores', String(cores), '--memory', String(memory)],
          ...['--slots', '1', '--jobs', '1', '--min-run', '1'],
        ],
      })
      processes.push(provider)
      say(`${name} (${color}) offers to compute from ${price} ASSAY a job`)
      return [name, provider] as const
    }),
  )
  if (!honest) {
    const { name: eve, account } = liar
    const lie = { task: LIE, field: 'output' } as const
    const args = ['--deposit', '10', '--slots', '2']
    const [lying, watching] = await Promise.all([
      startLiar(network, { account, data: join(work, eve), lie }),
      startWatcher(network, { account: watcher.account, data: join(work, watcher.name), args }),
    ])
    processes.push(lying, watching)
    say(`${eve} offers to compute for next to nothing, and will lie about one tile`)
    say(`${watcher.name} watches: every tile is computed once more`)
    tell(lying, watching)
  }
  const byName = new Map<string, AssayProcess>(await starting)
  const people = [...providers, ...(honest ? [] : [liar, watcher])]
  const nameOf = new Map(people.map(({ name, account }) => [network.accounts[account]?.toLowerCase(), name]))
  const label = (address: Address) => nameOf.get(address.toLowerCase()) ?? address

  const client = createMarketClient({
    transport: http(network.rpc),
    account: demoAccount(1),
    chain: local,
    pollingInterval: 500,
  })
  /** What an account has, in the market and outside. */
  const wealthOf = async (account: number) => {
    const address = network.accounts[account] as Address
    const { balance, stake } = await getAccount(client, { address })
    const call = {
      abi: erc20Abi,
      address: network.token,
      functionName: 'balanceOf',
      args: [address],
    } as const
    return balance + stake + (await client.readContract(call))
  }
  const accounts = [1, ...people.map(({ account }) => account)]
  const wealth = async () =>
    new Map(await Promise.all(accounts.map(async (a) => [a, await wealthOf(a)] as const)))
  const wealthBefore = await wealth()
  const fromBlock = await client.getBlockNumber()
  const inputs = tileInputs(image)
  const short = new Map<string, string>()
  const jobName = (jobId: string) => short.get(jobId) ?? jobId

  const inHand = new Set<Hex>()
  let fate: 'running' | 'held' | 'killed' = 'running'
  /** Kills the victim in the middle of a job; a job that it has submitted by now would be served by nobody. */
  async function killDuring(jobId: Hex) {
    const process = byName.get(victim.name)
    fate = 'held'
    process?.kill('SIGSTOP')
    // What it has sent is mined by then.
    const mined = (await client.getBlockNumber({ cacheTime: 0 })) + 2n
    while ((await client.getBlockNumber({ cacheTime: 0 })) < mined) await setTimeout(200)
    const { status } = await client.getJob({ jobId })
    if (status === 'claimed' && inHand.size === 1) {
      process?.kill('SIGKILL')
      fate = 'killed'
      return say(`${victim.name} is killed in the middle of ${jobName(jobId)}`)
    }
    process?.kill('SIGCONT')
    fate = 'running'
  }
  let killing = Promise.resolve()
  const onProgress = (event: RunEvent) => {
    switch (event.type) {
      case 'posted':
        short.set(event.jobId, `job ${short.size + 1}`)
        return say(
          `${jobName(event.jobId)} posted: ${event.tasks} tiles${event.attempt > 1 ? ' once more' : ''}`,
        )
      case 'claimed': {
        const who = label(event.provider)
        say(`${jobName(event.jobId)} claimed by ${who} for ${tokens(event.price)} ASSAY`)
        if (who === victim.name) {
          inHand.add(event.jobId)
          if (fate === 'running') killing = killDuring(event.jobId)
        }
        return
      }
      case 'lost':
        return say(
          `${jobName(event.jobId)} came back: ${event.reason.replace(/0x\w{40}/, (a) => label(a as Address))}; refunded`,
        )
      case 'verified':
        inHand.delete(event.jobId)
        return say(`${jobName(event.jobId)} verified: ${event.done} of ${event.of} tiles are in`)
      default:
    }
  }
  const rendering = await run(client, {
    program: await loadProgram('pathtracer'),
    inputs,
    store: network.store,
    maxPrice: parseUnits('8', 6),
    minPrice: parseUnits('2', 6),
    ramp: 6,
    // The default step limit is 2^27 for each second; a tile takes up to 5.5 · 10^9 steps, fewer with fewer samples.
    run: Math.ceil((42 * image.samples) / demoImage.samples),
    window: honest ? 4 : 16,
    untilFinal: !honest,
    claimFor: 120,
    tasksPerJob: TASKS_PER_JOB,
    onProgress,
  })
  const outputs = await rendering.result()
  const folder = resolve(values.out)
  mkdirSync(folder, { recursive: true })
  const png = join(folder, 'pathtracer.png')
  await writePng(
    png,
    assembleImage(
      image,
      outputs.map(({ bytes }) => bytes),
    ),
  )
  say(`picture written to ${relative('.', png)}`)
  const jobs = await rendering.settled()
  await killing
  say('every job is settled')

  const [wealthAfter, { reserve }] = [await wealth(), await getTotals(client)]
  const change = (account: number) => (wealthAfter.get(account) ?? 0n) - (wealthBefore.get(account) ?? 0n)
  const gas = await gasByAccount(client, fromBlock + 1n, await client.getBlockNumber())
  console.log()
  const rows: string[][] = people.map(({ name, account }) => {
    const address = (network.accounts[account] as string).toLowerCase()
    const done = jobs.filter(
      ({ state, provider }) => state === 'settled' && provider?.toLowerCase() === address,
    )
    const tiles = done.reduce((sum, job) => sum + job.tasks, 0)
    const paid = done.reduce((sum, job) => sum + (job.price ?? 0n), 0n)
    const spent = gas.get(address)
    const roles: Record<string, string> = {
      ...(fate === 'killed' && { [victim.name]: 'killed' }),
      [liar.name]: 'lied',
      [watcher.name]: 'watched',
    }
    return [
      name in roles ? `${name} (${roles[name]})` : name,
      String(done.length),
      String(tiles),
      tokens(paid),
      signed(change(account)),
      String(spent?.transactions ?? 0),
      String(spent?.gas ?? 0),
    ]
  })
  const requester = gas.get(client.account?.address.toLowerCase() ?? '')
  rows.push([
    ...['Requester', '', '', '', signed(change(1))],
    ...[String(requester?.transactions ?? 0), String(requester?.gas ?? 0)],
  ])
  rows.push(['Reserve', '', '', '', signed(reserve), '', ''])
  console.log(table(['', 'jobs', 'tiles', 'paid ASSAY', 'won or lost', 'transactions', 'gas'], rows))
  console.log()

  const verdict = await assay(['audit', '--rpc', network.rpc, '--sample', '6'])
  process.stdout.write(verdict.stdout)
  if (verdict.code !== 0) {
    process.stderr.write(verdict.stderr)
    process.exitCode = 1
  }
  say('done')
} finally {
  await Promise.all(processes.reverse().map((process) => process.stop()))
  rmSync(work, { recursive: true, force: true })
}

import { join } from 'node:path'
import {
  acceptSync,
  assertChain,
  attestSync,
  cancelGroupSync,
  cancelSync,
  deliverKeySync,
  failSync,
  formatAmount,
  getJob,
  getJobs,
  getSeat,
  type Job,
  type JobStatus,
  jobStatuses,
  KeyNotAwaitedError,
  keyForProvider,
  type MarketClient,
  releaseSync,
  resolveGroupSync,
  settleSync,
  signAttestation,
} from 'assay'
import { Command, Option } from 'commander'
import type { Address, Hex } from 'viem'
import { makeFolder, writeOutput } from '../cli/files.ts'
import { type JobKeysOptions, jobKeysOption, readJobKey } from '../cli/jobKeys.ts'
import { collectAddress } from '../cli/levels.ts'
import {
  type ChainOptions,
  clientFor,
  parseAddress,
  parseIndex,
  parseJobId,
  signingClientFor,
  withChain,
  withKey,
} from '../cli/options.ts'
import { count, facts, print, shortHash, table, timestamp } from '../cli/output.ts'
import { outputsOf } from './outputs.ts'
import { describePlace, type GroupPlace, readPlace } from './seat.ts'

/** `assay job`: one job, what can be done with it, and its outputs. */
export function jobCommand(): Command {
  const command = new Command('job').description('one job: status, outputs, and moving it on')
  withChain(command.command('show', { isDefault: true }))
    .description('everything the chain knows about a job')
    .argument('<id>', 'job id', parseJobId)
    .action(async (jobId: Hex, options: ChainOptions) => show(await clientFor(options), jobId, options))
  withChain(command.command('outputs'))
    .description('download the outputs of a job, each verified against its result on the chain')
    .argument('<id>', 'job id', parseJobId)
    .requiredOption('--out <folder>', 'where to write one file for each task')
    .addOption(jobKeysOption())
    .addHelpText('after', '\nExample:\n  assay job outputs 0x… --out results')
    .action(downloadOutputs)
  withKey(command.command('deliver-key'))
    .description('as the requester of a private job: hand its key to the provider that has claimed it')
    .argument('<id>', 'job id', parseJobId)
    .addOption(jobKeysOption())
    .action(deliverKey)
  withKey(command.command('attest'))
    .description('as a named attester of an attested job: sign its result and end its challenge window')
    .argument('<id>', 'job id', parseJobId)
    .option(
      '--attester <address>',
      "an attester that the job's terms name; repeat in their order (default: the account alone)",
      collectAddress,
    )
    .addHelpText('after', '\nExample:\n  assay job attest 0x… --demo-account 5')
    .action(attestResult)
  type Move = (client: MarketClient, parameters: { jobId: Hex }) => Promise<unknown>
  const moves: [name: string, description: string, move: Move][] = [
    ['cancel', 'take an unclaimed job back', cancelSync],
    ['accept', 'pay the provider before the challenge window ends', acceptSync],
    ['settle', 'pay the provider after the challenge window', settleSync],
    ['fail', 'end a claim whose provider is late', failSync],
    ['release', 'end a claim whose key did not come, or give back your own', releaseSync],
    [
      'resolve',
      'of a replicated job: end what is over of its group, which pays and slashes the seats',
      async (client, seat) => resolveGroupSync(client, await getSeat(client, seat)),
    ],
    [
      'cancel-group',
      'of a replicated job: take back its group, of which not all jobs are posted',
      async (client, seat) => cancelGroupSync(client, await getSeat(client, seat)),
    ],
  ]
  for (const [name, description, move] of moves) {
    withKey(command.command(name))
      .description(description)
      .argument('<id>', 'job id', parseJobId)
      .action(async (jobId: Hex, options: ChainOptions) => {
        const client = await signingClientFor(options)
        await move(client, { jobId })
        await show(client, jobId, options)
      })
  }
  return command
}

async function show(client: MarketClient, jobId: Hex, options: ChainOptions): Promise<void> {
  const job = await getJob(client, { jobId })
  const place = await readPlace(client, job)
  print(options, { ...job, ...place }, describe(job, place))
}

async function deliverKey(jobId: Hex, options: ChainOptions & JobKeysOptions): Promise<void> {
  const client = await signingClientFor(options)
  const { status } = await getJob(client, { jobId })
  // Before the key is looked for: a job that is not private has none.
  if (status !== 'awaitingKey') throw new KeyNotAwaitedError({ jobId, status })
  const jobKey = readJobKey(options.keys, jobId)
  await deliverKeySync(client, { jobId, key: await keyForProvider(client, { jobId, jobKey }) })
  await show(client, jobId, options)
}

async function attestResult(jobId: Hex, options: ChainOptions & { attester?: Address[] }): Promise<void> {
  const client = await signingClientFor(options)
  const attesters = options.attester ?? [client.account.address]
  const attestation = await signAttestation(client, { jobId })
  await attestSync(client, { ...attestation, attesters })
  await show(client, jobId, options)
}

type ListOptions = ChainOptions & {
  requester?: Address
  provider?: Address
  status?: JobStatus
  fromBlock?: number
}

/** `assay jobs`: the jobs of a market, a requester or a provider. */
export function jobsCommand(): Command {
  return withChain(new Command('jobs'))
    .description('list jobs')
    .option('--requester <address>', 'only of this requester', parseAddress)
    .option('--provider <address>', 'only claimed by this provider', parseAddress)
    .addOption(new Option('--status <status>', 'only in this status').choices(jobStatuses))
    .option('--from-block <n>', 'only posted from this block on', parseIndex)
    .addHelpText('after', '\nExample:\n  assay jobs --status settled')
    .action(async (options: ListOptions) => {
      const { requester, provider, status, fromBlock } = options
      const client = await clientFor(options)
      // Where there is no market there are no events either, and no jobs would be the answer.
      await assertChain(client)
      const jobs = await getJobs(client, {
        ...(requester && { requester }),
        ...(provider && { provider }),
        ...(status && { status }),
        ...(fromBlock !== undefined && { fromBlock: BigInt(fromBlock) }),
      })
      const rows = jobs.map((job) => [
        job.jobId,
        job.status,
        String(job.tasks),
        formatAmount(job.price ?? job.maxPrice),
        job.provider === null ? '–' : shortHash(job.provider),
      ])
      print(
        options,
        jobs,
        jobs.length === 0 ? 'No jobs.' : table(['Job', 'Status', 'Tasks', 'Price', 'Provider'], rows),
      )
    })
}

async function downloadOutputs(
  jobId: Hex,
  options: ChainOptions & JobKeysOptions & { out: string },
): Promise<void> {
  const client = await clientFor(options)
  const keyOf = (id: Hex) => readJobKey(options.keys, id)
  const written: { index: number; status: string; exitCode: number; bytes: number; file: string }[] = []
  for await (const { index, status, exitCode, bytes } of outputsOf(client, jobId, keyOf)) {
    if (written.length === 0) makeFolder(options.out)
    const file = join(options.out, `${index}.bin`)
    writeOutput(file, bytes)
    written.push({ index, status, exitCode, bytes: bytes.length, file })
  }
  print(options, written, `${count(written.length, 'verified output')} in ${options.out}`)
}

function describe(job: Job, place: GroupPlace | null): string {
  const entries: [string, string][] = [
    ['Job', job.jobId],
    ['Status', job.status],
    ['Level', job.level === 'replicated' ? 'replicated: trusts a majority of seats' : String(job.level)],
    ['Requester', job.requester],
    ['Tasks', String(job.tasks)],
    ['Posted', timestamp(job.postedAt)],
    ['Claim by', timestamp(job.claimBy)],
    [
      'Price',
      job.price === null
        ? `${formatAmount(job.minPrice)} to ${formatAmount(job.maxPrice)} over ${job.ramp} s`
        : formatAmount(job.price),
    ],
  ]
  // Times and votes of a seat are those of its group.
  if (job.level !== 'replicated') entries.push(['Run, window', `${job.run} s, ${job.window} s`])
  if (job.meteredBps > 0) entries.push(['Paid by step', `${job.meteredBps / 100} % of the price`])
  if (job.provider !== null) entries.push(['Provider', job.provider], ['Bond', formatAmount(job.bond ?? 0n)])
  if (job.isPrivate) entries.push(['Inputs', 'private'])
  if (job.keyBy !== null) entries.push(['Key by', timestamp(job.keyBy)])
  if (job.runBy !== null) entries.push(['Run by', timestamp(job.runBy)])
  if (place !== null) entries.push(...describePlace(place))
  if (job.submittedAt !== null) {
    if (job.level === 'replicated') entries.push(['Decided', timestamp(job.submittedAt)])
    else {
      entries.push(['Submitted', timestamp(job.submittedAt)])
      entries.push(['Window ends', timestamp(job.submittedAt + job.window)])
    }
    entries.push(['Commitment', job.resultCommitment ?? '–'])
  }
  return facts(entries)
}

import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Hex } from 'viem'
import { makeFolder } from '../cli/files.ts'
import { createLogger } from '../cli/log.ts'
import {
  type ChainOptions,
  parseAmount,
  parseCount,
  parseJobId,
  parsePort,
  signingClientFor,
  withKey,
} from '../cli/options.ts'
import { stopBySignals } from '../cli/signals.ts'
import type { WatchPolicy } from '../watcher/context.ts'
import { startWatcher } from '../watcher/watcher.ts'
import { dataLimits } from './limits.ts'

type WatchOptions = ChainOptions & {
  data: string
  sample: number
  job?: Hex[]
  level?: 'optimistic' | 'attested'
  budget?: bigint
  deposit: bigint
  claims: number
  slots: number
  maxTasks: number
  taskTime: number
  host: string
  metricsPort?: number
  pollingInterval?: number
  logFormat: 'text' | 'json'
}

/** `assay watch`: executes what others submitted again, and challenges what is wrong. */
export function watchCommand(): Command {
  return withKey(new Command('watch'))
    .description('execute submitted results again, challenge what is wrong, get paid for being right')
    .option('--data <folder>', 'journal, programs and inputs', '.assay/watcher')
    .option('--sample <share>', 'share of the tasks to execute again, 0 to 1', parseShare, 1)
    .option('--job <id>', 'watch this job only, and end once it is decided; repeat for more', collectJob)
    .addOption(
      new Option('--level <level>', 'jobs of this level only').choices(['optimistic', 'attested'] as const),
    )
    .addOption(
      new Option('--budget <amount>', 'most tokens in bonds at once (default: the balance)').argParser(
        parseAmount,
      ),
    )
    .addOption(
      new Option('--deposit <amount>', 'bring the balance up to this many tokens first')
        .argParser(parseAmount)
        .default(0n, '0'),
    )
    .option('--claims <n>', 'claims checked at once', parseCount, 2)
    .option('--slots <n>', 'processes that execute tasks', parseCount, availableParallelism())
    .option('--max-tasks <n>', 'most tasks of a claim', parseCount, 100_000)
    .option('--task-time <seconds>', 'most wall time of a task', parseCount, 600)
    .option('--host <address>', 'address to serve figures on', '127.0.0.1')
    .option('--metrics-port <n>', 'port to serve figures on (default: none)', parsePort)
    .option('--polling-interval <ms>', 'between looks at the chain (default: half a block)', parseCount)
    .addOption(new Option('--log-format <format>', 'log lines').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  assay watch --demo-account 5 --deposit 100 --sample 0.05')
    .action(async (options: WatchOptions) => {
      const client = await signingClientFor(options)
      const log = createLogger(options.logFormat)
      const watcher = await startWatcher({
        client,
        data: makeFolder(resolve(options.data)),
        policy: watchPolicy({ ...options, share: options.sample, jobs: options.job }),
        slots: options.slots,
        budget: options.budget,
        deposit: options.deposit,
        ...(options.metricsPort !== undefined && {
          metrics: { host: options.host, port: options.metricsPort },
        }),
        log,
        pollingInterval: options.pollingInterval ?? client.pollingInterval,
      })
      stopBySignals(watcher, () =>
        log.info({ event: 'stopping' }, 'playing open games to their end; once more to stop at once'),
      )
      await watcher.done
    })
}

/** What the options say, with the limits of data that every role has. */
export function watchPolicy(options: {
  share: number
  jobs?: readonly Hex[] | undefined
  level?: 'optimistic' | 'attested' | undefined
  claims: number
  maxTasks: number
  /** Seconds. */
  taskTime: number
}): WatchPolicy {
  const { share, jobs, level, claims, maxTasks, taskTime } = options
  const { program: maxProgram, shared: maxShared, inputs: maxInputs } = dataLimits
  return {
    share,
    jobs,
    levels: level === undefined ? ['optimistic', 'attested'] : [level],
    claims,
    maxTasks,
    taskWallTime: taskTime * 1_000,
    maxProgram,
    maxShared,
    maxInputs,
  }
}

/** A share of the tasks, above 0. */
export function parseShare(text: string): number {
  const share = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(share > 0 && share <= 1)) {
    throw new InvalidArgumentError('Expected a number above 0, at most 1.')
  }
  return share
}

function collectJob(value: string, previous: Hex[] = []): Hex[] {
  return [...previous, parseJobId(value)]
}

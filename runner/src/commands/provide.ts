import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { encodeResources, usualSpeed } from 'assay'
import { Command, Option } from 'commander'
import type { Hex } from 'viem'
import { makeFolder } from '../cli/files.ts'
import { createLogger } from '../cli/log.ts'
import {
  type ChainOptions,
  collectProgramIds,
  parseAmount,
  parseCount,
  parseIndex,
  parsePort,
  parseUrl,
  signingClientFor,
  withKey,
} from '../cli/options.ts'
import { stopBySignals } from '../cli/signals.ts'
import { UsageError } from '../errors.ts'
import { startProvider } from '../provider/provider.ts'
import type { WatchSettings } from '../watcher/watcher.ts'
import { dataLimits } from './limits.ts'
import { parseShare, watchPolicy } from './watch.ts'

type ProvideOptions = ChainOptions & {
  data: string
  host: string
  port: number
  publicUrl?: string
  cores: number
  memory: number
  disk: number
  concurrency: number
  jobs: number
  slots: number
  stake: bigint
  minPrice: bigint
  minPricePerTask: bigint
  maxTasks: number
  minRun: number
  private: boolean
  coinPrice: bigint
  taskTime: number
  stepRate: number
  recheck: number
  trust?: Hex[]
  watch?: number | true
  watchBudget?: bigint
  metricsPort?: number
  pollingInterval?: number
  logFormat: 'text' | 'json'
}

/** `assay provide`: the provider itself. */
export function provideCommand(): Command {
  const cores = availableParallelism()
  return withKey(new Command('provide'))
    .description('offer this machine: claim jobs, execute them, submit results, get paid')
    .option('--data <folder>', 'journal, inputs, results and encryption key', '.assay/provider')
    .option('--host <address>', 'address to serve results on', '127.0.0.1')
    .option('--port <n>', 'port to serve results on; 0 for any', parsePort, 4401)
    .option('--public-url <url>', 'URL under which requesters reach that port', parseUrl)
    .option('--cores <n>', 'cores offered to a job', parseCount, cores)
    .option('--memory <mib>', 'memory offered to a job, in MiB', parseCount, Math.floor(totalmem() / 2 ** 21))
    .option('--disk <gib>', 'disk offered to a job, in GiB', parseIndex, 10)
    .option('--concurrency <n>', 'claims open at once, from claim to payment', parseCount, 1_000)
    .option('--jobs <n>', 'jobs worked on at once', parseCount, 2)
    .option('--slots <n>', 'processes that execute tasks', parseCount, cores)
    .addOption(amountOption('--stake <amount>', 'bring the stake up to this many tokens first'))
    .addOption(amountOption('--min-price <amount>', 'least price of a job, in tokens'))
    .addOption(amountOption('--min-price-per-task <amount>', 'least price of a task, in tokens'))
    .addOption(
      amountOption(
        '--coin-price <amount>',
        "tokens that one of the chain's coins is worth: prices have to cover the gas",
      ),
    )
    .option('--max-tasks <n>', 'most tasks in a job', parseCount, 100_000)
    .option('--min-run <seconds>', 'least run time of a job', parseCount, 5)
    .option('--no-private', 'pass over private jobs, whose claims wait for a key')
    .option('--task-time <seconds>', 'most wall time of a task', parseCount, 600)
    .option(
      '--step-rate <n>',
      'steps a second that tasks are expected to do; jobs that allow more are passed over',
      parseCount,
      Number(usualSpeed),
    )
    .option('--recheck <n>', 'one task in so many is run again on the interpreter', parseCount, 64)
    .option(
      '--trust <program...>',
      'ids of programs at which the engines differed, for the native engine to run again',
      collectProgramIds,
    )
    .option(
      '--watch [share]',
      'also watch the results of others; a share of their tasks, 1 if not given',
      parseShare,
    )
    .addOption(
      new Option(
        '--watch-budget <amount>',
        'with --watch: most tokens in bonds at once (default: the balance)',
      ).argParser(parseAmount),
    )
    .option('--metrics-port <n>', 'with --watch: port to serve figures on (default: none)', parsePort)
    .option('--polling-interval <ms>', 'between looks at the chain (default: half a block)', parseCount)
    .addOption(new Option('--log-format <format>', 'log lines').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  assay provide --demo-account 2 --stake 100 --min-price 0.1')
    .action(async (options: ProvideOptions) => {
      // The chain counts in 256 MiB and rounds up, for what a job needs; nothing is offered that is not there.
      const resources = {
        cores: options.cores,
        memoryMiB: options.memory - (options.memory % 256),
        diskGiB: options.disk,
      }
      // Refused before the stake moves, which comes first on the chain.
      encodeResources(resources)
      if (resources.memoryMiB === 0)
        throw new UsageError({ message: 'The least memory to offer is 256 MiB.' })
      if (options.concurrency > 65_535)
        throw new UsageError({ message: 'The most claims that can be declared are 65535.' })
      const client = await signingClientFor(options)
      const log = createLogger(options.logFormat)
      const provider = await startProvider({
        client,
        data: makeFolder(resolve(options.data)),
        listen: { host: options.host, port: options.port },
        publicUrl: options.publicUrl,
        resources,
        concurrency: options.concurrency,
        jobs: options.jobs,
        slots: options.slots,
        stake: options.stake,
        policy: {
          minPrice: options.minPrice,
          minPricePerTask: options.minPricePerTask,
          maxTasks: options.maxTasks,
          minRun: options.minRun,
          servesPrivate: options.private,
          coinPrice: options.coinPrice,
        },
        limits: {
          taskWallTime: options.taskTime * 1_000,
          stepRate: BigInt(options.stepRate),
          recheckOneIn: options.recheck,
          maxProgram: dataLimits.program,
          maxShared: dataLimits.shared,
          maxInputs: dataLimits.inputs,
        },
        trust: options.trust,
        log,
        watch: watchSettings(options),
        pollingInterval: options.pollingInterval ?? client.pollingInterval,
      })
      stopBySignals(provider, () =>
        log.info({ event: 'stopping' }, 'finishing what was claimed; once more to stop at once'),
      )
      await provider.done
    })
}

/** Beside its own jobs the machine checks those of others one task at a time. */
function watchSettings(options: ProvideOptions): WatchSettings | undefined {
  const { watch, watchBudget: budget, metricsPort, host, maxTasks, taskTime } = options
  if (watch === undefined) {
    if (budget === undefined && metricsPort === undefined) return undefined
    throw new UsageError({ message: '--watch-budget and --metrics-port go together with --watch.' })
  }
  const share = watch === true ? 1 : watch
  return {
    policy: watchPolicy({ share, claims: 1, maxTasks, taskTime }),
    slots: 1,
    budget,
    ...(metricsPort !== undefined && { metrics: { host, port: metricsPort } }),
  }
}

/** An option for an amount of tokens, zero if not given: help cannot print a bigint by itself. */
function amountOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseAmount).default(0n, '0')
}

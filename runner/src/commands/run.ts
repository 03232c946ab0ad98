import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { formatAmount, type Run, type RunEvent, type RunOutput, run } from 'assay'
import { Command, Option } from 'commander'
import { makeFolder, readInput, writeOutput } from '../cli/files.ts'
import { type JobKeysOptions, jobKeysOption, writeJobKey } from '../cli/jobKeys.ts'
import { type LevelOptions, levelParameters, withLevel } from '../cli/levels.ts'
import {
  type ChainOptions,
  parseAmount,
  parseCount,
  parseRamp,
  signingClientFor,
  withKey,
} from '../cli/options.ts'
import { count, Progress, print, shortHash, table } from '../cli/output.ts'
import { RunInterruptedError, UsageError } from '../errors.ts'
import { loadProgram } from '../machine/load.ts'
import { dataLimits } from './limits.ts'

type RunOptions = ChainOptions & {
  store: string
  input?: string[]
  inputs?: string
  text?: string[]
  shared?: string
  maxPrice: bigint
  minPrice?: bigint
  ramp: number
  run: number
  window?: number
  claimFor: number
  tasksPerJob?: number
  attempts: number
  maxOutput: number
  accept?: boolean
  untilFinal?: boolean
  out?: string
  wait?: boolean
  private?: boolean
} & LevelOptions &
  JobKeysOptions

const collect = (value: string, previous: string[] = []) => [...previous, value]

/** `assay run`: compute a program over inputs and get verified outputs. */
export function runCommand(): Command {
  const command = withKey(new Command('run'))
    .description('compute a WebAssembly program over inputs and get verified outputs')
    .argument('<program>', 'WebAssembly module')
    .option('--input <file>', 'input of one task; repeat for more', collect)
    .option('--inputs <folder>', 'a folder with one file for each task, in the order of their names')
    .option('--text <text>', 'input of one task, given here; repeat for more', collect)
    .option('--shared <file>', 'input that all tasks share')
    .addOption(
      new Option('--store <url>', 'content store').env('ASSAY_STORE').default('http://127.0.0.1:4400'),
    )
    .requiredOption('--max-price <amount>', 'most the whole run may cost, in tokens', parseAmount)
    .option('--min-price <amount>', 'where the auction starts (default: half)', parseAmount)
    .option('--ramp <seconds>', 'seconds in which the price climbs; 0 for one price', parseRamp, 30)
    .option('--run <seconds>', 'seconds a provider has for a job', parseCount, 600)
    .option(
      '--window <seconds>',
      'seconds to challenge a result; not with replicated (default: 120)',
      parseCount,
    )
    .option('--claim-for <seconds>', 'seconds in which a job may be claimed', parseCount, 600)
    .option('--tasks-per-job <n>', 'most tasks in one job (default: a quarter of them)', parseCount)
    .option('--attempts <n>', 'how often each part is posted before giving up', parseCount, 3)
    .option('--max-output <bytes>', 'most bytes a task may write', parseCount, 1 << 20)
    .option('--accept', 'accept verified results at once; not with replicated')
    .option('--until-final', 'wait for the end of every window; what is proven wrong is computed again')
    .option('--private', 'let only providers read inputs and outputs, not the program; not with replicated')
    .addOption(jobKeysOption())
    .option('--out <folder>', 'write one file for each output')
    .option('--wait', 'wait until every job is settled')
  return withLevel(command)
    .addHelpText(
      'after',
      '\nExample:\n  assay run examples/build/tiny.wasm --text hello --max-price 1 --demo-account 1' +
        '\n  assay run examples/build/tiny.wasm --text hello --max-price 3 --level replicated --demo-account 1',
    )
    .action(async (programPath: string, options: RunOptions) => {
      if (options.maxOutput > dataLimits.output) {
        throw new UsageError({
          message: `--max-output is ${options.maxOutput}; providers take up to ${dataLimits.output} bytes.`,
        })
      }
      const program = loadProgram(programPath).module.bytes
      const client = await signingClientFor(options)
      const progress = new Progress(options.json)
      const inputs = inputsOf(options)
      const shared = options.shared === undefined ? undefined : readInput(options.shared, dataLimits.shared)
      // Not once jobs are posted: their outputs would have nowhere to go.
      const folder = options.out === undefined ? undefined : makeFolder(options.out)
      const interruption = interruptedBy(progress)
      const interrupted = interruption.signal
      const handle = await run(client, {
        program,
        inputs,
        store: options.store,
        maxPrice: options.maxPrice,
        ramp: options.ramp,
        run: options.run,
        ...levelParameters(options),
        claimFor: options.claimFor,
        attempts: options.attempts,
        maxOutput: options.maxOutput,
        ...(shared && { shared }),
        ...(options.minPrice !== undefined && { minPrice: options.minPrice }),
        ...(options.tasksPerJob !== undefined && { tasksPerJob: options.tasksPerJob }),
        ...(options.window !== undefined && { window: options.window }),
        ...(options.accept && { accept: true }),
        ...(options.untilFinal && { untilFinal: true }),
        ...(options.private && {
          private: true,
          keepKey: ({ jobId, jobKey }) => writeJobKey(options.keys, jobId, jobKey),
        }),
        signal: interrupted,
        onProgress: (event) => {
          const line = lineFor(event)
          if (line !== null) progress.note(line)
        },
      })
      // One that comes again takes the place of one that was proven wrong.
      const byTask = new Map<number, RunOutput>()
      try {
        for await (const output of handle.outputs()) {
          byTask.set(output.index, output)
          progress.update(byTask.size, inputs.length, 'verified')
          if (folder !== undefined) keep(output, folder, interruption)
        }
        if (options.wait) await handle.settled()
      } catch (error) {
        // What nobody had claimed is being taken back.
        if (interrupted.aborted) await handle.settled().catch(() => undefined)
        throw error
      } finally {
        progress.end()
        // Also after an error: what did arrive was paid for.
        report(options, handle, [...byTask.values()])
      }
      if ([...byTask.values()].some(({ status }) => status !== 'halted')) process.exitCode = 1
    })
}

/** Writes an output; where that cannot be, there is no use in the jobs that nobody has begun. */
function keep({ index, bytes }: RunOutput, folder: string, interruption: AbortController): void {
  try {
    writeOutput(join(folder, `${index}.bin`), bytes)
  } catch (error) {
    interruption.abort(error)
    throw error
  }
}

/** Aborted by the first signal; a second one ends the process. */
function interruptedBy(progress: Progress): AbortController {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(1)
    progress.note('Interrupted: taking back what nobody has claimed; once more to stop at once')
    controller.abort(new RunInterruptedError())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller
}

function report(options: RunOptions, run: Run, arrived: readonly RunOutput[]): void {
  // What was proven wrong since it arrived is no result.
  const lost = new Set(run.jobs().flatMap(({ jobId, state }) => (state === 'lost' ? [jobId] : [])))
  const outputs = arrived.filter(({ jobId }) => !lost.has(jobId)).toSorted((a, b) => a.index - b.index)
  const cost = run.cost()
  const json = {
    jobs: run.jobs(),
    cost,
    outputs: outputs.map(({ bytes, ...o }) => ({ ...o, hex: Buffer.from(bytes).toString('hex') })),
  }
  const rows = outputs.map((o) => [
    String(o.index),
    o.status,
    String(o.exitCode),
    preview(o.bytes),
    shortHash(o.provider),
  ])
  const shown =
    options.out === undefined && rows.length > 0
      ? `${table(['Task', 'Status', 'Exit', 'Output', 'Provider'], rows)}\n\n`
      : ''
  const where = options.out === undefined ? '' : ` in ${options.out}`
  print(
    options,
    json,
    `${shown}${count(outputs.length, 'verified output')}${where}, for ${formatAmount(cost)}`,
  )
}

function inputsOf({ input = [], inputs, text = [] }: RunOptions): Uint8Array[] {
  const files = inputs === undefined ? [] : filesIn(inputs)
  const all = [
    ...[...input, ...files].map((path) => readInput(path, dataLimits.input)),
    ...text.map((t) => new TextEncoder().encode(t)),
  ]
  if (all.length > 0) return all
  throw new UsageError({
    message: 'A run needs at least one input.',
    remedy: 'Give --input FILE, --inputs FOLDER or --text TEXT; an empty input is --text "".',
  })
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
  } catch (error) {
    throw new UsageError({ message: `The folder ${folder} cannot be read: ${(error as Error).message}` })
  }
}

function preview(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 32)).toString('utf8')
  const printable = bytes.length > 0 && /^[\x20-\x7e\n]+$/.test(text)
  const shown = printable
    ? text.replaceAll('\n', '⏎')
    : `0x${Buffer.from(bytes.subarray(0, 16)).toString('hex')}`
  return bytes.length > (printable ? 32 : 16) ? `${shown}… (${bytes.length} bytes)` : shown
}

/** The line for an event; the rest is in the bar. */
function lineFor(event: RunEvent): string | null {
  switch (event.type) {
    case 'stored':
      return `Stored ${event.bytes} bytes`
    case 'posted': {
      const again = event.attempt > 1 ? `, attempt ${event.attempt}` : ''
      return `Posted ${event.jobId} (${count(event.tasks, 'task')}${again})`
    }
    case 'claimed':
      return `Claimed ${shortHash(event.jobId)} by ${event.provider} for ${formatAmount(event.price)}`
    case 'keyDelivered':
      return `Delivered the key of ${shortHash(event.jobId)} to ${event.provider}`
    case 'verified':
      return `Verified ${shortHash(event.jobId)}: ${event.done} of ${event.of} outputs`
    case 'lost':
      return `Lost ${shortHash(event.jobId)}: ${event.reason}`
    case 'settled':
      return `Settled ${shortHash(event.jobId)}`
    default:
      return null
  }
}

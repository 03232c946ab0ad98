import { type Trace, type TraceStep, trace } from 'assay/vm'
import { Command, Option } from 'commander'
import { print, table } from '../cli/output.ts'
import { functionLabel } from '../cli/places.ts'
import { stepValuesText } from '../cli/steps.ts'
import { parseStep, type TaskOptions, taskOf, withTask } from '../cli/taskOptions.ts'
import { UsageError } from '../errors.ts'
import { loadProgram } from '../machine/load.ts'

type TraceOptions = TaskOptions & { from: bigint; to?: bigint; state?: boolean; json?: boolean }

const defaultLength = 32n
/** Steps of one trace. */
const longest = 100_000n

/** `assay trace`: the steps of a task between two of its states. */
export function traceCommand(): Command {
  const command = new Command('trace')
    .description('the steps of a task between two of its states: instructions and values')
    .argument('<program>', 'WebAssembly module')
    .addOption(
      new Option('--from <n>', 'first state: steps that were taken before')
        .argParser(parseStep)
        .default(0n, '0'),
    )
    .option('--to <n>', `last state (default: ${defaultLength} steps on)`, parseStep)
    .option('--state', "show each state's hash, as contracts compute it")
  return withTask(command)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  assay trace examples/build/tiny.wasm --text hello --from 0 --to 20 --state',
    )
    .action((path: string, options: TraceOptions) => {
      const { from } = options
      const to = options.to ?? from + defaultLength
      refuseRange(from, to)
      const job = taskOf(loadProgram(path), options)
      const traced = trace({ task: job, from, to, withStates: options.state ?? false })
      if (traced.ending !== undefined && from >= traced.ending.steps) {
        throw new UsageError({
          message: `The task has ended after ${traced.ending.steps} steps (${traced.ending.status}); --from is ${from}.`,
          remedy: `Give --from a number below ${traced.ending.steps}.`,
        })
      }
      print(options, asJson(traced), described(traced))
    })
}

function refuseRange(from: bigint, to: bigint): void {
  if (to <= from) {
    throw new UsageError({
      message: `There are no steps from ${from} to ${to}.`,
      remedy: 'Give --to a greater number than --from.',
    })
  }
  if (to - from > longest) {
    throw new UsageError({
      message: `From ${from} to ${to} are ${to - from} steps; a trace shows up to ${longest}.`,
      remedy: 'Ask for a part of them.',
    })
  }
}

function asJson({ steps, ending, last }: Trace) {
  const values = (list: TraceStep['reads']) =>
    list.map(({ name, bits, text }) => ({ name, bits: `0x${bits.toString(16)}`, text }))
  const end = ending && { status: ending.status, exitCode: ending.exitCode, steps: ending.steps }
  return {
    steps: steps.map(({ reads, writes, function: place, ...step }) => ({
      ...step,
      function: place ?? null,
      reads: values(reads),
      writes: values(writes),
    })),
    last,
    ending: ending === undefined ? null : { ...end, ...(ending.trap && { trap: ending.trap }) },
  }
}

function described({ steps, ending, last }: Trace): string {
  const withStates = last.stateHash !== undefined
  const rows = steps.map((step) => [
    String(step.step),
    ...(withStates ? [step.stateHash ?? ''] : []),
    String(step.pc),
    functionLabel(step.function),
    step.instruction,
    stepValuesText(step),
  ])
  const header = ['Step', ...(withStates ? ['State before'] : []), 'pc', 'Function', 'Instruction', 'Values']
  const end = [
    ...(withStates ? [`State ${last.step}: ${last.stateHash}`] : []),
    ...(ending === undefined ? [] : [endingText(ending)]),
  ]
  return [table(header, rows), ...(end.length === 0 ? [] : ['', ...end])].join('\n')
}

function endingText({ status, trap, exitCode, steps }: NonNullable<Trace['ending']>): string {
  const how =
    status === 'halted'
      ? `Halted with exit code ${exitCode}`
      : status === 'outOfSteps'
        ? 'Out of steps'
        : `Trapped: ${trap ?? 'no reason known'}`
  return `${how}, after ${steps} steps.`
}

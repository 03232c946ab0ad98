import { programIdOfImage } from 'assay/vm'
import { Command, Option } from 'commander'
import { writeOutput } from '../cli/files.ts'
import { facts, grouped, print, table } from '../cli/output.ts'
import { functionText } from '../cli/places.ts'
import { type TaskOptions, taskOf, withTask } from '../cli/taskOptions.ts'
import { EnginesDifferError } from '../machine/errors.ts'
import {
  differencesOf,
  type EngineName,
  type Execution,
  engineNames,
  execute,
  locateTrap,
  type ProgramJob,
  type TrapPlace,
} from '../machine/execute.ts'
import { loadProgram } from '../machine/load.ts'

type ExecOptions = TaskOptions & { engine: EngineName | 'all'; out?: string; json?: boolean }

/** The default step limit where the reference machine runs, which takes seconds for so many. */
export const referenceSteps = 4_000_000n
/** Steps beyond which a trap is not looked for again. */
const mostLocated = 2n ** 32n

/** `assay exec`: one task of a program, here and now. */
export function execCommand(): Command {
  const defaultSteps = `2^36; ${referenceSteps} with reference and all, for the reference engine is slow`
  return withTask(
    new Command('exec')
      .description('run one task of a program in this process: output, steps, what a result commits to')
      .argument('<program>', 'WebAssembly module')
      .addOption(
        new Option('--engine <engine>', 'what runs it; all compares the three')
          .choices([...engineNames, 'all'])
          .default('native'),
      ),
    defaultSteps,
  )
    .option('--out <file>', 'write the output here')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  assay exec examples/build/tiny.wasm --text hello --engine all' +
        '\n  assay exec words.wasm --input book.txt --out words.txt --step-limit 1000000000',
    )
    .action(async (path: string, options: ExecOptions) => {
      const program = loadProgram(path)
      const names = options.engine === 'all' ? engineNames : [options.engine]
      const job = taskOf(program, options, names.includes('reference') ? referenceSteps : undefined)
      const executions: Execution[] = []
      for (const name of names) executions.push(await execute(job, name))
      const [first] = executions as [Execution, ...Execution[]]
      const differences = differencesOf(executions)
      const { status, output, steps } = first.ending
      const agreed = differences.length === 0
      const trap = agreed && status === 'trapped' && steps <= mostLocated ? locateTrap(job, first) : undefined
      if (options.out !== undefined && agreed) writeOutput(options.out, output)
      report(path, options, job, executions, trap)
      if (!agreed) throw new EnginesDifferError({ differences })
      if (status !== 'halted') process.exitCode = 1
    })
}

function report(
  path: string,
  options: ExecOptions,
  job: ProgramJob,
  executions: readonly Execution[],
  trap: TrapPlace | undefined,
): void {
  const [{ ending }] = executions as [Execution, ...Execution[]]
  const { output, trap: reason, ...leaf } = ending
  const id = programIdOfImage(job.program)
  const text = textOf(output)
  const engines = executions.map(({ ending, ...execution }) => ({ ...execution, steps: ending.steps }))
  const json = {
    program: path,
    programId: id,
    stepLimit: job.stepLimit,
    maxOutput: job.maxOutput,
    ...leaf,
    ...((trap ?? reason) && { trap: trap ?? { reason } }),
    ...(options.out === undefined ? { text: text ?? null, hex: hexOf(output) } : { out: options.out }),
    engines,
  }
  const lines = facts([
    ['Program', path],
    ['Id', id],
    ...endingFacts(ending, job, trap),
    ['Output', outputText(output, text, options.out)],
    ['Output root', ending.outputRoot],
    ...executions.flatMap(({ engine, fallback }) =>
      fallback === undefined ? [] : [[`${engine} engine`, `left this to the fast one: ${fallback}`] as const],
    ),
  ])
  const rows = executions.map(({ engine, milliseconds, stepsPerSecond, ending }) => [
    engine,
    ending.status,
    grouped(ending.steps),
    `${milliseconds.toFixed(milliseconds < 100 ? 2 : 0)} ms`,
    `${speedText(stepsPerSecond)} steps/s`,
  ])
  const speeds = table(['Engine', 'Status', 'Steps', 'Time', 'Speed'], rows)
  const shown = options.out === undefined && text !== undefined && text !== '' ? `\n\n${text.trimEnd()}` : ''
  print(options, json, `${lines}\n\n${speeds}${shown}`)
}

function endingFacts(
  { status, exitCode, steps, trap: reason }: Execution['ending'],
  { stepLimit }: ProgramJob,
  trap: TrapPlace | undefined,
): (readonly [string, string])[] {
  const counted = `${grouped(steps)} of at most ${grouped(stepLimit)}`
  switch (status) {
    case 'halted':
      return [
        ['Status', 'halted'],
        ['Exit code', String(exitCode)],
        ['Steps', counted],
      ]
    case 'outOfSteps':
      return [
        ['Status', 'out of steps: --step-limit allows more'],
        ['Steps', counted],
      ]
    case 'trapped': {
      const known = trap?.reason ?? reason
      const last = steps - 1n
      return [
        ['Status', known === undefined ? 'trapped' : `trapped: ${known}`],
        ['Steps', counted],
        [
          'At',
          trap === undefined
            ? `the last step: assay trace shows it with --from ${last} --to ${steps}`
            : `step ${trap.step}, pc ${trap.pc}, ${functionText(trap.function)}: ${trap.instruction}`,
        ],
      ]
    }
  }
}

function outputText(output: Uint8Array, text: string | undefined, out: string | undefined): string {
  const size = `${grouped(output.length)} bytes`
  if (out !== undefined) return `${size}, in ${out}`
  if (output.length === 0 || text !== undefined) return size
  const beginning = hexOf(output.subarray(0, 16))
  return `${size}, no text: 0x${beginning}${output.length > 16 ? '…' : ''} (--out writes them to a file)`
}

/** The output as text, if that is what it is: UTF-8 without control characters, which could steer a terminal. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /[^\P{C}\n\r\t]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

function speedText(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–'
  const unit = [
    { from: 1e9, text: 'G' },
    { from: 1e6, text: 'M' },
    { from: 1e3, text: 'k' },
  ].find(({ from }) => perSecond >= from)
  return unit === undefined ? String(perSecond) : `${(perSecond / unit.from).toPrecision(3)} ${unit.text}`
}

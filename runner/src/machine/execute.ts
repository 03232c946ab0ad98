import { setFlagsFromString } from 'node:v8'
import {
  createNativeEngine,
  disassemble,
  type Ending,
  type Engine,
  FastMachine,
  type FunctionPlace,
  fastEngine,
  functionFinder,
  type MachineTask,
  nativeModules,
  type Program,
  referenceEngine,
  type TrapReason,
} from 'assay/vm'
import { type EngineDifference, EnginesDifferError } from './errors.ts'

export const engineNames = ['native', 'fast', 'reference'] as const
export type EngineName = Engine['name']

/** A job of a translated module: the native engine needs to know the module too. */
export type ProgramJob = MachineTask & { program: Program }

/** How one engine ended a task, and how long that took. */
export type Execution = {
  engine: EngineName
  ending: Ending
  /** Time of the run alone: translation and compilation are done before. */
  milliseconds: number
  stepsPerSecond: number
  /** Why the native engine left the task to the fast one. */
  fallback?: string
}

/**
 * Runs a task on one engine, in this process.
 * @throws {FastMachineError} the host gives no memory for the task
 */
export async function execute(job: ProgramJob, engine: EngineName): Promise<Execution> {
  let fallback: string | undefined
  const run = {
    native: createNativeEngine({
      fallback: fastEngine,
      onFallback: (reason) => {
        fallback = reason
      },
    }),
    fast: fastEngine,
    reference: referenceEngine,
  }[engine]
  if (engine === 'native') prepareNative(job.program)
  // Its interpreter is compiled when it is first used.
  if (engine === 'fast') await fastEngine.run({ ...job, stepLimit: 1n })
  const start = performance.now()
  const ending = await run.run(job)
  const milliseconds = performance.now() - start
  return {
    engine,
    ending,
    milliseconds,
    stepsPerSecond: Math.round(Number(ending.steps) / (milliseconds / 1_000)),
    ...(fallback !== undefined && { fallback }),
  }
}

/**
 * Compiles the program, so that the run alone is timed. V8's flags are those of the whole process: for the time of the
 * compilation they are changed for everything in it, and left as the process was started with.
 */
function prepareNative(program: Program): void {
  // A loop that goes on for seconds would stay in the code of V8's first, simple compiler.
  const flags = ['liftoff', 'wasm-lazy-compilation']
  for (const flag of flags) setFlagsFromString(`--no-${flag}`)
  try {
    nativeModules(program)
  } catch (error) {
    // The engine meets the same error, and leaves the task to its fallback.
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error
  } finally {
    for (const flag of flags) if (!isOff(flag)) setFlagsFromString(`--${flag}`)
  }
}

/** Whether this process was started without something that V8 does by default; V8 tells nobody its flags. */
function isOff(flag: string): boolean {
  const given = [...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/), ...process.execArgv]
  return given.some(
    (argument) => argument.replaceAll('_', '-').replace(/^--no(?!-)/, '--no-') === `--no-${flag}`,
  )
}

/**
 * What the engines say differently, field by field: everything that a result commits to, and the output itself.
 * Reasons of traps are words of an engine and are not compared.
 */
export function differencesOf(executions: readonly Execution[]): EngineDifference[] {
  const fields: Record<string, (ending: Ending) => string> = {
    Status: ({ status }) => status,
    'Exit code': ({ exitCode }) => String(exitCode),
    Steps: ({ steps }) => String(steps),
    'Output length': ({ outputLength }) => String(outputLength),
    'Output root': ({ outputRoot }) => outputRoot,
  }
  const differences = Object.entries(fields).flatMap(([field, of]) => {
    const values = Object.fromEntries(executions.map(({ engine, ending }) => [engine, of(ending)]))
    return new Set(Object.values(values)).size > 1 ? [{ field, values }] : []
  })
  const at = firstDifferentByte(executions.map(({ ending }) => ending.output))
  if (at === undefined) return differences
  const values = executions.map(({ engine, ending }) => [engine, String(ending.output[at] ?? 'nothing')])
  return [...differences, { field: `Output byte ${at}`, values: Object.fromEntries(values) }]
}

function firstDifferentByte([first = new Uint8Array(0), ...others]: readonly Uint8Array[]):
  | number
  | undefined {
  const places = others.flatMap((other) => {
    const length = Math.max(first.length, other.length)
    for (let at = 0; at < length; at++) if (first[at] !== other[at]) return [at]
    return []
  })
  return places.length === 0 ? undefined : Math.min(...places)
}

/** Where a task trapped. */
export type TrapPlace = {
  /** Number of the step that trapped: one less than the steps counted. */
  step: bigint
  pc: number
  function: FunctionPlace | undefined
  instruction: string
  reason: TrapReason | undefined
}

/**
 * The instruction at which a task trapped, by going there on the fast machine.
 * @throws {EnginesDifferError} it does not trap there
 */
export function locateTrap(job: ProgramJob, { engine, ending }: Execution): TrapPlace {
  const machine = new FastMachine().load(job).runTo(ending.steps - 1n)
  const { pc } = machine
  const wasRunning = machine.ending === undefined
  const now = machine.runTo(ending.steps).ending
  if (!wasRunning || now?.status !== 'trapped') {
    const values = { [engine]: `trapped in step ${ending.steps}`, fast: now?.status ?? 'running' }
    throw new EnginesDifferError({ differences: [{ field: 'Status', values }] })
  }
  return {
    step: ending.steps - 1n,
    pc,
    function: functionFinder(job.program)(pc),
    instruction: disassemble(job.program.code, pc),
    reason: now.trap,
  }
}

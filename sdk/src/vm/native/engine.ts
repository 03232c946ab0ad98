import { contentRoot, emptyRoot } from '../../trees/contentTree.ts'
import type { Ending, Engine, MachineTask } from '../engine.ts'
import type { Program } from '../program.ts'
import { entryOf } from '../wasm/module.ts'
import { instrument } from './instrument.ts'
import { type NativeModules, runNative } from './run.ts'
import { trapReasonOf } from './trapReasons.ts'

/** Who decides where V8 cannot, and who is told of it. */
export type NativeEngineParameters = {
  fallback: Engine
  /** Told, for a metric, why the fallback was asked. */
  onFallback?: (reason: string) => void
}

const compiled = new WeakMap<object, NativeModules>()

/**
 * Compiles a program's two builds, each once; the precise one when it is first needed.
 * @throws {WebAssembly.CompileError} V8 refuses what the instrumenter made.
 */
export function nativeModules(program: Program): NativeModules {
  const known = compiled.get(program.module)
  if (known !== undefined) return known
  const entry = entryOf(program.module)
  const compile = (build: 'fast' | 'precise') => new WebAssembly.Module(instrument({ program, build, entry }))
  let precise: WebAssembly.Module | undefined
  const modules: NativeModules = {
    fast: compile('fast'),
    precise: () => {
      precise ??= compile('precise')
      return precise
    },
  }
  compiled.set(program.module, modules)
  return modules
}

/**
 * The engine that lets V8 run a program's instrumented modules in this process. Jobs must hold what `translate` gave.
 * Where V8 fails for reasons of its own (stack, memory, its limits), the fallback runs the task: V8 never decides then.
 */
export function createNativeEngine({ fallback, onFallback }: NativeEngineParameters): Engine {
  return {
    name: 'native',
    run: async (task) => {
      const ending = endingOf(task)
      if (typeof ending !== 'string') return ending
      onFallback?.(ending)
      return fallback.run(task)
    },
  }
}

/** The ending, or why V8 does not know it. */
function endingOf(task: MachineTask): Ending | string {
  let modules: NativeModules
  try {
    modules = nativeModules(task.program as Program)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return String(error)
    throw error
  }
  const ending = runNative(modules, task)
  if (ending.status === 'failed') return ending.reason
  const { steps } = ending
  const trap = ending.status === 'trapped' ? trapReasonOf(ending.reason) : undefined
  if (ending.status !== 'halted')
    return {
      status: ending.status,
      exitCode: 0,
      output: empty,
      outputRoot: emptyRoot,
      outputLength: 0,
      steps,
      ...(trap !== undefined && { trap }),
    }
  const { exitCode, output } = ending
  const outputRoot = output.length === 0 ? emptyRoot : contentRoot(output)
  return { status: 'halted', exitCode, output, outputRoot, outputLength: output.length, steps }
}

const empty = new Uint8Array(0)

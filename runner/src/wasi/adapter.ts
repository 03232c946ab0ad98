import { errno, refusedFunctions, type WasiFunction, wasiFunctions } from './functions.ts'
import { descriptorFunctions, descriptorState } from './wat/descriptors.ts'
import { randomFunctions, randomState } from './wat/random.ts'
import { stringFunctions } from './wat/strings.ts'
import { timeFunctions, timeState } from './wat/time.ts'

/** What a WASI program is given at build time. */
export type WasiSettings = {
  /** Arguments after the program's name. */
  args?: readonly string[] | undefined
  /** Environment variables as `NAME=value`. */
  env?: readonly string[] | undefined
}

/** The program's name as its first argument: the same for every file name, so that ids depend on the code alone. */
export const programArgument = 'program'

/** Module name under which the adapter imports the program's memory. */
export const programModule = 'program'

/**
 * The adapter in the text form: the WASI functions that a program imports, on top of the host interface. It has no
 * memory, table, data or stack of its own, and a few globals. Functions that no other needs are left to the linker
 * to drop.
 * @param functions - Which functions it exports.
 */
export function adapterText(functions: readonly WasiFunction[], settings: WasiSettings = {}): string {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const code = {
    ...descriptorFunctions,
    ...timeFunctions,
    ...randomFunctions,
    ...stringFunctions(
      [programArgument, ...(settings.args ?? [])].map(bytes),
      (settings.env ?? []).map(bytes),
    ),
    proc_exit: '(param $code i32) (call $exit (local.get $code)) (unreachable)',
    proc_raise: `(param i32) (result i32) (i32.const ${errno.nosys})`,
    sched_yield: '(result i32) (i32.const 0)',
  }
  const exported = functions.map(
    (name) => `(func (export "${name}") ${(code as Record<string, string>)[name] ?? refusal(name)})`,
  )
  return `(module
  (import "assay" "input_size" (func $input_size (param i32) (result i32)))
  (import "assay" "input_read" (func $input_read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $output_write (param i32 i32)))
  (import "assay" "exit" (func $exit (param i32)))
  (import "${programModule}" "memory" (memory 0))
${descriptorState}
${timeState}
${randomState}
  ${exported.join('\n  ')})`
}

function refusal(name: WasiFunction): string {
  const { error, descriptor } = refusedFunctions[name]!
  const [params = ''] = wasiFunctions[name].split('>')
  const types = [...params].map((type) => `(param ${type === 'I' ? 'i64' : 'i32'})`)
  return `${types.join(' ')} (result i32) (call $refuse (local.get ${descriptor}) (i32.const ${error}))`
}

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  InvalidProgramError,
  MalformedProgramError,
  NotWasmError,
  ProgramError,
  ProgramImportError,
  WasmVersionError,
} from '../../sdk/src/errors/program.ts'
import { translate } from '../../sdk/src/vm/index.ts'
import type { EngineName, Outcome, SpecEngine } from './engines.ts'
import { spectest } from './environment.ts'
import { Instances } from './instances.ts'
import { misreturn, mistrap } from './judge.ts'
import { type Action, type Command, readScript } from './script.ts'
import { count, emptyTally, type SkipReason, type Tally } from './tally.ts'
import { bitsOf, isForeign, matches } from './values.ts'

/** Refusals of which the suite says that there must be none: the module is well-formed and valid. */
const mistakes = [InvalidProgramError, MalformedProgramError, NotWasmError, WasmVersionError]

/** A module that cannot be asked anything, and why. */
type Absent = { readonly skip: SkipReason }

type Verdict = { readonly failures: readonly string[] } | Absent

type Acting = Extract<Command, { action: Action }>
type Refusing = Extract<Command, { text: string; filename: string }>

/** Runs all commands of a script on the engines. */
export async function runScript(path: string, engines: readonly SpecEngine[]): Promise<Tally> {
  const run = new ScriptRun(dirname(path), engines)
  for (const command of readScript(path)) await run.execute(command)
  return run.tally
}

class ScriptRun {
  readonly tally = emptyTally()
  readonly #folder: string
  readonly #engines: readonly SpecEngine[]
  /** Modules by the name that the script calls them; the latest has none. */
  readonly #modules = new Map<string | undefined, Instances | Absent>()
  /** Modules by the name under which others import from them. */
  readonly #registered = new Map<string, Instances | Absent>()

  constructor(folder: string, engines: readonly SpecEngine[]) {
    this.#folder = folder
    this.#engines = engines
  }

  async execute(command: Command): Promise<void> {
    try {
      const verdict = await this.#judge(command)
      if (verdict === undefined) return
      if ('skip' in verdict) count(this.tally.skipped, verdict.skip)
      else if (verdict.failures.length === 0) this.tally.passed++
      else this.#fail(`line ${command.line}: ${verdict.failures[0]}`)
    } catch (error) {
      this.#fail(`line ${command.line}: ${error instanceof Error ? error.stack : error}`)
    }
  }

  #fail(text: string): void {
    this.tally.failures.push(text)
  }

  /** Executes a command. One that asserts nothing has no verdict. */
  async #judge(command: Command): Promise<Verdict | undefined> {
    switch (command.type) {
      case 'module': {
        const module = await this.#load(command.filename)
        this.#modules.set(undefined, module)
        if (command.name !== undefined) this.#modules.set(command.name, module)
        return undefined
      }
      case 'register': {
        const module = this.#modules.get(command.name)
        if (module !== undefined) this.#registered.set(command.as, module)
        return { skip: 'needs other modules' }
      }
      case 'assert_invalid':
      case 'assert_malformed':
      case 'assert_unlinkable':
      case 'assert_uninstantiable':
        if (command.module_type === 'text') return { skip: 'text format' }
        return { failures: await this.#refuse(command) }
      case 'action':
      case 'assert_return':
      case 'assert_trap':
      case 'assert_exhaustion':
        return this.#act(command)
      default:
        return { skip: 'other commands' }
    }
  }

  /** @throws {ProgramError} */
  #translate(filename: string): Instances {
    const bytes = this.#read(filename)
    return new Instances(translate(bytes, { environment: spectest }), this.#engines)
  }

  #read(filename: string): Uint8Array<ArrayBuffer> {
    return readFileSync(join(this.#folder, basename(filename)))
  }

  async #load(filename: string): Promise<Instances | Absent> {
    try {
      const module = this.#translate(filename)
      const { start } = module.program.module
      if (start !== undefined) {
        const failures = await this.#invoke(module, start, [], (outcome) => misreturn([], outcome))
        if (failures === undefined) return { skip: 'too many steps' }
        if (failures.length > 0) this.#fail(`start function of ${filename}: ${failures[0]}`)
      }
      return module
    } catch (error) {
      this.#loseImported(filename)
      if (error instanceof ProgramImportError) return { skip: 'needs other modules' }
      const isAbsence = error instanceof ProgramError && !mistakes.some((mistake) => error instanceof mistake)
      if (isAbsence) this.tally.refused.push(`${filename}: ${error.name}`)
      else this.#fail(`${filename} is not accepted: ${error}`)
      return { skip: 'module refused' }
    }
  }

  /** A module must be refused, or, where only its start function is at fault, end in a trap. */
  async #refuse({ filename, type }: Refusing): Promise<readonly string[]> {
    try {
      const module = this.#translate(filename)
      const { start } = module.program.module
      if (type !== 'assert_uninstantiable' || start === undefined) return [`${filename} is accepted`]
      const trapped = (outcome: Outcome) =>
        outcome.ending === 'trapped' ? undefined : `the start function of ${filename} returns`
      return (await this.#invoke(module, start, [], trapped)) ?? []
    } catch (error) {
      if (type === 'assert_uninstantiable') this.#loseImported(filename)
      return error instanceof ProgramError ? [] : [`${filename} is not refused by name: ${error}`]
    }
  }

  /** Modules from which one that is not run imports could be changed by it: nothing is asserted of them from then on. */
  #loseImported(filename: string): void {
    let names: string[]
    try {
      const module = new WebAssembly.Module(this.#read(filename))
      names = WebAssembly.Module.imports(module).map(({ module }) => module)
    } catch {
      return
    }
    for (const name of names) {
      const lost = this.#registered.get(name)
      if (lost === undefined) continue
      for (const modules of [this.#modules, this.#registered] as Map<unknown, unknown>[])
        for (const [key, module] of modules)
          if (module === lost) modules.set(key, { skip: 'needs other modules' })
    }
  }

  async #act(command: Acting): Promise<Verdict> {
    const { action } = command
    const expected = command.type === 'assert_return' ? command.expected : []
    const module = this.#modules.get(action.module)
    if (module === undefined) return { failures: [`there is no module ${action.module ?? ''}`] }
    if ('skip' in module) return module
    const args = (action.args ?? []).map(bitsOf)
    if (expected.some(isForeign) || !args.every((bits) => bits !== undefined))
      return { skip: 'values of other types' }

    const kind = action.type === 'get' ? 'global' : 'function'
    const found = module.program.module.exports.find(
      (member) => member.name === action.field && member.kind === kind,
    )
    if (found === undefined) return { failures: [`no ${kind} is exported as "${action.field}"`] }
    if (action.type === 'get') {
      const failures = module.globals(found.index).flatMap(({ name, bits }) => {
        const isWrong = bits !== undefined && !matches(expected[0]!, bits)
        return isWrong ? [`${name}: "${action.field}" is 0x${bits.toString(16)}`] : []
      })
      return { failures }
    }
    const failures = await this.#invoke(module, found.index, args, (outcome) => {
      if (command.type === 'action') return undefined
      return command.type === 'assert_return' ? misreturn(expected, outcome) : mistrap(command.text, outcome)
    })
    if (failures === undefined) return { skip: 'too many steps' }
    return { failures: failures.map((text) => `"${action.field}": ${text}`) }
  }

  /**
   * Calls a function on all engines and judges what each of them says.
   * @returns undefined if all of them gave up.
   */
  async #invoke(
    module: Instances,
    functionIndex: number,
    args: readonly bigint[],
    wrong: (outcome: Outcome) => string | undefined,
  ): Promise<string[] | undefined> {
    const { outcomes, differences, gaveUp } = await module.invoke(functionIndex, args)
    for (const name of gaveUp) count<EngineName>(this.tally.gaveUp, name)
    if (outcomes.length === 0) return undefined
    const failures = outcomes.flatMap(({ name, outcome }) => {
      const why = wrong(outcome)
      return why === undefined ? [] : [`${name}: ${why}`]
    })
    return [...failures, ...differences]
  }
}

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
import type { SpecEngine } from './engines.ts'
import { spectest } from './environment.ts'
import { Instances, type Invoked } from './instances.ts'
import { misreturn, mistrap } from './judge.ts'
import { type Action, type Command, readScript } from './script.ts'
import { type SkipReason, Tally } from './tally.ts'
import { bitsOf, isForeign, matches } from './values.ts'

/** Refusals of which the suite says that there must be none: the module is well-formed and valid. */
const mistakes = [InvalidProgramError, MalformedProgramError, NotWasmError, WasmVersionError]

/** A module that cannot be asked anything, and why. */
type Absent = { readonly skip: SkipReason }

/** Runs all commands of a script on the engines. */
export async function runScript(path: string, engines: readonly SpecEngine[]): Promise<Tally> {
  const run = new ScriptRun(dirname(path), engines)
  for (const command of readScript(path)) await run.execute(command)
  return run.tally
}

class ScriptRun {
  readonly tally = new Tally()
  readonly #folder: string
  readonly #engines: readonly SpecEngine[]
  #latest: Instances | Absent | undefined
  readonly #named = new Map<string, Instances | Absent>()

  constructor(folder: string, engines: readonly SpecEngine[]) {
    this.#folder = folder
    this.#engines = engines
  }

  async execute(command: Command): Promise<void> {
    const report = (failures: readonly string[]) => {
      if (failures.length === 0) this.tally.passed++
      else this.tally.failures.push(...failures.slice(0, 1).map((text) => `line ${command.line}: ${text}`))
    }
    try {
      switch (command.type) {
        case 'module': {
          this.#latest = await this.#load(command.filename)
          if (command.name !== undefined) this.#named.set(command.name, this.#latest)
          return
        }
        case 'register':
          return this.tally.skip('needs other modules')
        case 'assert_invalid':
        case 'assert_malformed':
        case 'assert_unlinkable':
        case 'assert_uninstantiable': {
          if (command.module_type === 'text') return this.tally.skip('text format')
          return report(await this.#refuse(command))
        }
        case 'action':
        case 'assert_return':
        case 'assert_trap':
        case 'assert_exhaustion':
          return await this.#act(command, report)
        default:
          report([`unknown command ${(command as { type: string }).type}`])
      }
    } catch (error) {
      report([`${error instanceof Error ? (error.stack ?? error.message) : error}`])
    }
  }

  #translate(filename: string) {
    return translate(readFileSync(join(this.#folder, basename(filename))), { environment: spectest })
  }

  async #load(filename: string): Promise<Instances | Absent> {
    try {
      const instances = await Instances.create(this.#translate(filename), this.#engines)
      const { start } = instances.program.module
      if (start !== undefined) {
        const invoked = await instances.invoke(start, [])
        const wrong = invoked.outcomes.flatMap(({ name, outcome }) => {
          const why = misreturn([], outcome)
          return why === undefined ? [] : [`${name}: start function: ${why}`]
        })
        const [failure] = [...wrong, ...invoked.differences]
        if (failure !== undefined) this.tally.failures.push(`${filename}: ${failure}`)
      }
      return instances
    } catch (error) {
      if (!(error instanceof ProgramError) || mistakes.some((mistake) => error instanceof mistake)) {
        this.tally.failures.push(`${filename} is not accepted: ${error}`)
        return { skip: 'module refused' }
      }
      if (error instanceof ProgramImportError) return { skip: 'needs other modules' }
      this.tally.refused.push(`${filename}: ${error.name}`)
      return { skip: 'module refused' }
    }
  }

  /** A module must be refused, or, where only its start function is at fault, end in a trap. */
  async #refuse({ filename, type }: Extract<Command, { text: string; filename: string }>): Promise<string[]> {
    try {
      const program = this.#translate(filename)
      const { start } = program.module
      if (type !== 'assert_uninstantiable' || start === undefined) return [`${filename} is accepted`]
      const instances = await Instances.create(program, this.#engines)
      const { outcomes, differences } = await instances.invoke(start, [])
      const calm = outcomes.filter(({ outcome }) => outcome.ending !== 'trapped')
      return [...calm.map(({ name }) => `${name}: the start function of ${filename} ends`), ...differences]
    } catch (error) {
      return error instanceof ProgramError ? [] : [`${filename} is not refused by name: ${error}`]
    }
  }

  async #act(
    command: Extract<Command, { action: Action }>,
    report: (failures: string[]) => void,
  ): Promise<void> {
    const { action } = command
    const expected = command.type === 'assert_return' ? command.expected : []
    const module = action.module === undefined ? this.#latest : this.#named.get(action.module)
    if (module === undefined) return report([`there is no module ${action.module ?? ''}`])
    if ('skip' in module) return this.tally.skip(module.skip)
    const args = (action.args ?? []).map(bitsOf)
    if (expected.some(isForeign) || !args.every((bits) => bits !== undefined))
      return this.tally.skip('values of other types')

    const kind = action.type === 'get' ? 'global' : 'function'
    const found = module.program.module.exports.find(
      (member) => member.name === action.field && member.kind === kind,
    )
    if (found === undefined) return report([`no ${kind} is exported as ${JSON.stringify(action.field)}`])
    if (action.type === 'get') {
      const wrong = module.globals(found.index).filter(({ bits }) => !matches(expected[0]!, bits))
      return report(wrong.map(({ name, bits }) => `${name}: ${action.field} is 0x${bits.toString(16)}`))
    }

    const invoked = await module.invoke(found.index, args)
    this.#count(invoked)
    if (invoked.outcomes.length === 0) return this.tally.skip('too many steps')
    const wrong = invoked.outcomes.flatMap(({ name, outcome }) => {
      const why =
        command.type === 'assert_trap' || command.type === 'assert_exhaustion'
          ? mistrap(command.text, outcome)
          : command.type === 'assert_return'
            ? misreturn(expected, outcome)
            : undefined
      return why === undefined ? [] : [`${name}: ${action.field}: ${why}`]
    })
    report([...wrong, ...invoked.differences.map((text) => `${action.field}: ${text}`)])
  }

  #count({ gaveUp }: Invoked): void {
    for (const name of gaveUp) this.tally.gaveUp.set(name, (this.tally.gaveUp.get(name) ?? 0) + 1)
  }
}

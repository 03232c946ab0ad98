import { readFileSync } from 'node:fs'

/** A value as wast2json writes it: its bits in decimal, or a pattern of NaNs. Types may be ones that Assay does not have. */
export type Constant = { type: string; value?: unknown }

export type Action = {
  type: 'invoke' | 'get'
  /** Name of the module; absent for the latest. */
  module?: string
  field: string
  args?: Constant[]
}

/** A module of a script, by its file. */
type ModuleFile = { filename: string; module_type?: 'binary' | 'text' }

export type Command = { line: number } & (
  | ({ type: 'module'; name?: string } & ModuleFile)
  | { type: 'register'; as: string; name?: string }
  | { type: 'action'; action: Action }
  | { type: 'assert_return'; action: Action; expected: Constant[] }
  | { type: 'assert_trap' | 'assert_exhaustion'; action: Action; text: string }
  | ({ type: RefusalType; text: string } & ModuleFile)
)

export type RefusalType =
  | 'assert_invalid'
  | 'assert_malformed'
  | 'assert_unlinkable'
  | 'assert_uninstantiable'

/** The commands of a file written by wast2json. */
export function readScript(path: string): Command[] {
  const script: { commands: Command[] } = JSON.parse(readFileSync(path, 'utf8'))
  return script.commands
}

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AstNode } from './ast.ts'
import { MutationError } from './errors.ts'

/** How to compile: the fastest first, the project's own last. */
export interface Profile {
  name: string
  settings: Record<string, unknown>
}

/** A contract with the file it stands in. */
export interface ContractName {
  file: string
  name: string
}

/** What a contract's artifact needs. */
export interface Compiled extends ContractName {
  bytecode: string
  deployedBytecode: string
  linkReferences: object
  deployedLinkReferences: object
  immutableReferences: object
}

interface CompilerError {
  severity: string
  formattedMessage: string
}

interface Code {
  object: string
  linkReferences: object
  immutableReferences?: object
}

interface CompilerOutput {
  errors?: CompilerError[]
  sources?: Record<string, { ast: AstNode }>
  contracts?: Record<string, Record<string, { evm: { bytecode: Code; deployedBytecode: Code } }>>
}

interface Solc {
  compile(
    input: string,
    callbacks?: { import(path: string): { contents: string } | { error: string } },
  ): string
}

// Without the metadata's hash, the code of two sources differs only where what they do differs.
const METADATA = { appendCBOR: false, bytecodeHash: 'none' }
const HARDLY = { enabled: true, details: { yul: true, yulDetails: { optimizerSteps: '' } } }

/**
 * What may be tried, given the project's own settings. Not optimised compiles in a tenth of the time, but its code is
 * twice as large, and one variable more than the stack takes is one too many.
 */
export function profiles(own: Record<string, unknown>): Profile[] {
  const { outputSelection: _, ...settings } = own
  const variants = {
    'not optimised': { viaIR: false, optimizer: { enabled: false } },
    optimised: { viaIR: false, optimizer: { enabled: true, runs: 1 } },
    'by IR, hardly optimised': { viaIR: true, optimizer: HARDLY },
    'as the project does': {},
  }
  return Object.entries(variants).map(([name, variant]) => ({
    name,
    settings: { ...settings, ...variant, metadata: METADATA },
  }))
}

let solc: Solc | undefined

function run(input: object, importPath?: (path: string) => { contents: string } | { error: string }) {
  solc ??= createRequire(import.meta.url)('solc') as Solc
  const callbacks = importPath && { import: importPath }
  return JSON.parse(solc.compile(JSON.stringify(input), callbacks)) as CompilerOutput
}

function errorsOf(output: CompilerOutput): string[] {
  return (output.errors ?? [])
    .filter(({ severity }) => severity === 'error')
    .map((error) => error.formattedMessage)
}

const contentOf = (sources: ReadonlyMap<string, string>) =>
  Object.fromEntries([...sources].map(([file, content]) => [file, { content }]))

/**
 * Reads sources and everything they import.
 *
 * @param files paths relative to `root`
 * @returns the text and the syntax tree of every source, those in node_modules by their import path
 * @throws {MutationError} when they do not compile
 */
export function readSources(
  root: string,
  files: readonly string[],
): { sources: Map<string, string>; trees: Map<string, AstNode> } {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const outputSelection = { '*': { '': ['ast'] } }
  const input = { language: 'Solidity', sources: contentOf(sources), settings: { outputSelection } }
  const output = run(input, (path) => {
    try {
      const contents = readFileSync(join(root, 'node_modules', path), 'utf8')
      sources.set(path, contents)
      return { contents }
    } catch {
      return { error: `${path} is not there` }
    }
  })
  const errors = errorsOf(output)
  if (errors.length > 0) throw new MutationError(`The contracts do not compile.\n\n${errors.join('\n')}`)
  const trees = new Map(Object.entries(output.sources ?? {}).map(([file, { ast }]) => [file, ast]))
  return { sources, trees }
}

/** Compiles some contracts of `sources`, which must be complete; the errors instead where there are any. */
export function compile(
  sources: ReadonlyMap<string, string>,
  wanted: readonly ContractName[],
  profile: Profile,
): { compiled: Compiled[] } | { errors: string[] } {
  const outputs = ['evm.bytecode', 'evm.deployedBytecode'].flatMap((code) =>
    ['object', 'linkReferences'].map((part) => `${code}.${part}`),
  )
  const outputSelection: Record<string, Record<string, string[]>> = {}
  for (const { file, name } of wanted) {
    outputSelection[file] = { ...outputSelection[file], [name]: outputs }
  }
  const settings = { ...profile.settings, outputSelection }
  const output = run({ language: 'Solidity', sources: contentOf(sources), settings })
  const errors = errorsOf(output)
  if (errors.length > 0) return { errors }
  return {
    compiled: wanted.map(({ file, name }) => {
      const { bytecode, deployedBytecode } = output.contracts![file]![name]!.evm
      return {
        ...{ file, name, bytecode: `0x${bytecode.object}`, deployedBytecode: `0x${deployedBytecode.object}` },
        linkReferences: bytecode.linkReferences,
        deployedLinkReferences: deployedBytecode.linkReferences,
        immutableReferences: deployedBytecode.immutableReferences ?? {},
      }
    }),
  }
}

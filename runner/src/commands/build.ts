import { basename, extname, resolve } from 'node:path'
import { Command } from 'commander'
import { type BuiltProgram, buildProgram } from '../build/build.ts'
import { writeOutput } from '../cli/files.ts'
import { facts, grouped, print } from '../cli/output.ts'
import { UsageError } from '../errors.ts'

type BuildCommandOptions = {
  out?: string
  arg?: string[]
  env?: string[]
  flags?: string[]
  freestanding?: boolean
  json?: boolean
}

const collect = (value: string, previous: string[] = []) => [...previous, value]
const collectWords = (value: string, previous: string[] = []) => [
  ...previous,
  ...value.split(/\s+/).filter((word) => word !== ''),
]

/** `assay build`: a program that jobs can name, from C, AssemblyScript or a WASI module. */
export function buildCommand(): Command {
  return new Command('build')
    .description('make a program for jobs of C, AssemblyScript, or a WebAssembly module with or without WASI')
    .argument('<source...>', 'C files, or one AssemblyScript file, or one .wasm file')
    .option('--out <file>', "the program's file (default: NAME.wasm here; NAME.job.wasm of a .wasm file)")
    .option('--arg <text>', 'an argument of the program; repeat for more', collect)
    .option('--env <name=value>', 'an environment variable of the program; repeat for more', collect)
    .option(
      '--flags <options>',
      'options for the compiler, with spaces between; repeat for more',
      collectWords,
    )
    .option('--freestanding', 'C without a C library, on the host interface of assay.h alone')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  assay build words.c --arg=--longest\n  assay build src/main.c src/parse.c --flags "-Iinclude -DNDEBUG" --out tool.wasm',
    )
    .action(async (sources: string[], options: BuildCommandOptions) => {
      const { arg, env, flags, freestanding } = options
      refuseEnvironment(env)
      const out = options.out ?? defaultName(sources[0]!)
      if (sources.some((source) => resolve(source) === resolve(out))) {
        throw new UsageError({
          message: `The program would overwrite its source ${out}.`,
          remedy: 'Name another file with --out.',
        })
      }
      const program = await buildProgram(sources, { args: arg, env, flags, freestanding })
      if (program.warnings !== '') process.stderr.write(`${program.warnings.trimEnd()}\n`)
      writeOutput(out, program.bytes)
      const { bytes: _, info, ...rest } = program
      print(options, { file: out, ...info, ...rest }, described(out, program))
    })
}

function refuseEnvironment(env: readonly string[] = []): void {
  const wrong = env.find((entry) => !/^[^=]+=/.test(entry))
  if (wrong === undefined) return
  throw new UsageError({
    message: `${JSON.stringify(wrong)} is no environment variable.`,
    remedy: 'Write it as --env NAME=value.',
  })
}

function defaultName(source: string): string {
  const name = basename(source, extname(source))
  return extname(source).toLowerCase() === '.wasm' ? `${name}.job.wasm` : `${name}.wasm`
}

function described(file: string, { info, compiler, linked, refused }: BuiltProgram): string {
  const { programId, size, instructions, memory, imports, entry } = info
  const declared = memory.declaredMax === undefined ? ' (no maximum declared)' : ''
  return facts([
    ['Program', file],
    ['Id', programId],
    ['Size', `${grouped(size)} bytes`],
    ['Instructions', grouped(instructions)],
    ...(compiler === undefined ? [] : [['Compiler', compiler] as const]),
    ['Entry', entry],
    ['Memory', `${grouped(memory.min)} to ${grouped(memory.max)} pages of 64 KiB${declared}`],
    ['Host functions', list(imports)],
    ['WASI linked', list(linked)],
    ...(refused.length === 0 ? [] : [['WASI refused', `${list(refused)} (calls return an error)`] as const]),
  ])
}

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '))

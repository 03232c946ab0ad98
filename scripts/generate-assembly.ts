/**
 * Compiles the AssemblyScript of `sdk/assembly` and writes it into `sdk/src/vm/fast/modules`, so that the package needs
 * neither a file nor a request for it. With `--check`: fails when a file differs.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { guest } from '../sdk/src/vm/fast/layout.ts'
import { pageSize } from '../sdk/src/vm/isa.ts'
import { interpreterSource, operationNames } from './assembly/interpreter.ts'

/** The AssemblyScript compiler has an error or a warning. */
class AssemblyError extends Error {
  constructor(entry: string, output: string) {
    super(`${entry} does not compile.\n\n${output.trim()}`)
    this.name = 'AssemblyError'
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))
const TARGET = join(root, 'sdk/src/vm/fast/modules')
const MODULES = {
  hashing: { entry: 'sdk/assembly/hashing.ts', flags: [] as string[] },
  engine: {
    entry: 'sdk/assembly/engine.ts',
    flags: ['--enable', 'simd', '--initialMemory', String(guest / pageSize)],
  },
}

async function compile(name: string, entry: string, flags: readonly string[]): Promise<Uint8Array> {
  let module: Uint8Array | undefined
  const fixed = [
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--noAssert',
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
  ]
  const { error, stderr } = await asc.main(
    [entry, '--outFile', `${name}.wasm`, '--baseDir', root, '--noColors', ...fixed, ...flags],
    {
      readFile: (file) => readSource(file),
      writeFile: (_file, contents) => {
        if (typeof contents !== 'string') module = contents
      },
    },
  )
  const output = stderr.toString()
  if (error || output !== '' || module === undefined)
    throw new AssemblyError(entry, output || (error?.message ?? 'no module'))
  return module
}

/** The files below the root; the dispatch is made from the table of instructions. */
function readSource(file: string): string | null {
  if (file === 'sdk/assembly/dispatch.ts') return interpreterSource()
  const path = join(root, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** The file of a module: its bytes, and for the engine the numbers that its records are made of. */
async function render(name: string, { entry, flags }: { entry: string; flags: string[] }): Promise<string> {
  const module = await compile(name, entry, flags)
  const parts = [
    '// Compiled from sdk/assembly by scripts/generate-assembly.ts; not to be edited.\n',
    `/** ${module.length} bytes, in base64. */\nexport const ${name} =\n  '${Buffer.from(module).toString('base64')}'\n`,
  ]
  if (name === 'engine') {
    const names = JSON.stringify(operationNames())
    parts.push(
      `/** The operations of records, in the order of their numbers. */\nexport const operationNames: readonly string[] = ${names}\n`,
    )
  }
  return parts.join('\n')
}

mkdirSync(TARGET, { recursive: true })
for (const [name, module] of Object.entries(MODULES)) {
  const text = await render(name, module)
  const path = join(TARGET, `${name}.ts`)
  if (!process.argv.includes('--check')) {
    // In one go, so that whoever reads the file meanwhile sees the old or the new one.
    writeFileSync(`${path}.draft`, text)
    renameSync(`${path}.draft`, path)
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${path} is stale: run \`npm run build\`.`)
    process.exitCode = 1
  }
}

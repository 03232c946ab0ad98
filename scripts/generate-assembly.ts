/**
 * Compiles the AssemblyScript of `sdk/assembly` and writes it into `sdk/src/vm/fast/modules.ts`, so that the package needs
 * neither a file nor a request for it. With `--check`: fails when the file differs.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { interpreterSource, operationNames } from './assembly/interpreter.ts'

/** The AssemblyScript compiler has an error or a warning. */
class AssemblyError extends Error {
  constructor(entry: string, output: string) {
    super(`${entry} does not compile.\n\n${output.trim()}`)
    this.name = 'AssemblyError'
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))
const TARGET = new URL('../sdk/src/vm/fast/modules.ts', import.meta.url)
const MODULES = {
  hashing: { entry: 'sdk/assembly/hashing.ts', flags: [] as string[] },
  engine: { entry: 'sdk/assembly/engine.ts', flags: ['--enable', 'simd', '--initialMemory', '1600'] },
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

const parts = ['// Compiled from sdk/assembly by scripts/generate-assembly.ts; not to be edited.\n']
for (const [name, { entry, flags }] of Object.entries(MODULES)) {
  const module = await compile(name, entry, flags)
  const text = Buffer.from(module).toString('base64')
  parts.push(
    `/** The module \`${name}\`: ${module.length} bytes, in base64. */\nexport const ${name} =\n  '${text}'\n`,
  )
}
parts.push(
  `/** The operations of the engine's records, in the order of their numbers. */\nexport const operationNames: readonly string[] = ${JSON.stringify(operationNames())}\n`,
)
const text = parts.join('\n')

if (!process.argv.includes('--check')) {
  // In one go, so that whoever reads the file meanwhile sees the old or the new one.
  const draft = fileURLToPath(`${TARGET}.draft`)
  writeFileSync(draft, text)
  renameSync(draft, TARGET)
} else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('sdk/src/vm/fast/modules.ts is stale: run `npm run build`.')
  process.exitCode = 1
}

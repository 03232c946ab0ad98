/**
 * The programs by which the engines' speed is measured. Those in C are kept compiled, with the hash of their source:
 *
 *   node scripts/bootstrap.mjs node bench/vm/kernels.ts    compiles them anew (needs clang-16 and lld-16)
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { tileInputs } from '../../examples/pathtracer/tiles.ts'
import { loadProgram } from '../../examples/programs.ts'
import { loadMobyDick } from '../../examples/wordcount/text.ts'
import { rangeInputs } from '../../examples/wordcount/words.ts'

export type Kernel = {
  name: string
  bytes: Uint8Array<ArrayBuffer>
  /** A task of 10 to 50 ms in plain V8. */
  input: Uint8Array
  shared: Uint8Array
}

export class KernelError extends Error {
  override name = 'KernelError'
}

const folder = fileURLToPath(new URL('../kernels/', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Kernels in C and what they are asked for. */
export const inC = { sieve: 4_000_000, matrix: 256, nbody: 400_000, sha256: 4 } as const
/** Kernels in AssemblyScript that are no examples. */
export const inAssemblyScript = { mixing: 3_000_000, fibonacci: 33 } as const

const sources = new URL('../kernels/sources.json', import.meta.url)

/** SHA-256 of a kernel's source, which its compiled form is kept with. */
export async function sourceHash(name: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(`${folder}${name}.c`))
    .digest('hex')
}

/** The hashes of the sources that the compiled kernels were made of. */
export async function keptHashes(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(sources, 'utf8')) as Record<string, string>
}

function compileC(name: string): void {
  const machine = ['--target=wasm32', '-mcpu=mvp', '-msign-ext', '-mnontrapping-fptoint', '-mbulk-memory']
  const linker = ['--no-entry', '--stack-first', '--max-memory=16777216', '--strip-all']
  const flags = [...machine, '-O2', '-nostdlib', ...linker.map((flag) => `-Wl,${flag}`)]
  // no wasm-opt: the bytes depend on the compiler alone
  execFileSync('/usr/bin/clang-16', [...flags, '-o', `${folder}${name}.wasm`, `${folder}${name}.c`], {
    env: { PATH: '/usr/bin' },
  })
}

async function compileAssemblyScript(name: string): Promise<Uint8Array<ArrayBuffer>> {
  let module: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await asc.main(
    [
      ...[
        `bench/kernels/assembly/${name}.ts`,
        '--outFile',
        'kernel.wasm',
        '--baseDir',
        root,
        '--noColors',
        '--lib',
        'runner/guest/assembly',
      ],
      ...['--exportStart', 'run', '--runtime', 'stub', '--use', 'abort=', '--noAssert'],
      ...['--maximumMemory', '1', '--disable', 'mutable-globals', '--optimizeLevel', '3'],
    ],
    {
      writeFile: (_file, contents) => {
        if (typeof contents !== 'string') module = new Uint8Array(contents)
      },
    },
  )
  if (error || module === undefined)
    throw new KernelError(`${name} does not compile: ${stderr.toString()}`, { cause: error })
  return module
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** All kernels, ready to run. */
export async function loadKernels(): Promise<Kernel[]> {
  const nothing = new Uint8Array(0)
  const text = await loadMobyDick()
  const kernels: Kernel[] = []
  for (const [name, n] of Object.entries(inC)) {
    const bytes = new Uint8Array(await readFile(`${folder}${name}.wasm`))
    const shared = name === 'sha256' ? text.subarray(0, 1 << 20) : nothing
    kernels.push({ name, bytes, input: u32(n), shared })
  }
  for (const [name, n] of Object.entries(inAssemblyScript))
    kernels.push({ name, bytes: await compileAssemblyScript(name), input: u32(n), shared: nothing })
  const image = { width: 64, height: 36, tileWidth: 64, tileHeight: 36, samples: 8 }
  kernels.push({
    name: 'pathtracer',
    bytes: await loadProgram('pathtracer'),
    input: tileInputs(image)[0]!,
    shared: nothing,
  })
  kernels.push({
    name: 'wordcount',
    bytes: await loadProgram('wordcount'),
    input: rangeInputs({ length: text.length, tasks: 1 })[0]!,
    shared: text,
  })
  return kernels
}

if (import.meta.main) {
  const hashes: Record<string, string> = {}
  for (const name of Object.keys(inC)) {
    compileC(name)
    hashes[name] = await sourceHash(name)
  }
  await writeFile(sources, `${JSON.stringify(hashes, null, 2)}\n`)
}

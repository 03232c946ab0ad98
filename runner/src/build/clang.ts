import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { BuildToolError, CompilerError } from './errors.ts'
import { guestFolder } from './guestFolder.ts'
import type { Compiled } from './types.ts'

/** WebAssembly 1.0 and the later features that Assay has: newer compilers would use more. */
const features = ['-mcpu=mvp', '-msign-ext', '-mnontrapping-fptoint', '-mbulk-memory', '-mno-atomics']

/** The stack lies below the data, so that one that grows too far traps instead of overwriting variables. */
const linking = ['-Wl,--strip-all', '-Wl,--stack-first']

/** A stack of 1 MiB: programs written for other systems need more than the linker's 64 KiB. */
const withLibrary = ['--target=wasm32-wasi', '-Wl,-z,stack-size=1048576']
const freestandingOptions = ['--target=wasm32', '-nostdlib', '-ffreestanding', '-Wl,--no-entry']

export type ClangOptions = {
  /** Options of the compiler besides the usual. */
  flags?: readonly string[] | undefined
  /** No C library and no WASI: a program on the host interface alone, with `assay.h`. */
  freestanding?: boolean | undefined
}

/**
 * Compiles and links C sources to one module.
 *
 * The same sources and compiler give the same bytes wherever they lie: names of files are as given, dates are fixed,
 * and a `wasm-opt` that happens to be on the PATH is kept from taking part.
 *
 * @throws {CompilerError | BuildToolError}
 */
export async function compileC(sources: readonly string[], options: ClangOptions = {}): Promise<Compiled> {
  const clang = await findClang(options.freestanding ?? false)
  const folder = await mkdtemp(join(tmpdir(), 'assay-clang-'))
  try {
    const out = join(folder, 'program.wasm')
    const { ok, stderr } = await run(clang.path, [
      ...(options.freestanding ? freestandingOptions : withLibrary),
      ...features,
      '-O2',
      `-I${guestFolder}`,
      ...linking,
      ...sources,
      ...(options.flags ?? []),
      '-o',
      out,
    ])
    if (!ok) throw new CompilerError({ compiler: clang.version, output: stderr })
    return { bytes: await readFile(out), compiler: clang.version, warnings: stderr }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A compiler that can build for WebAssembly. */
export type Clang = { path: string; version: string }

const newest = 22
const oldest = 14

/**
 * The compiler that `ASSAY_CLANG` names, else the first on the PATH that is complete: clang, then clang-22 down to
 * clang-14.
 *
 * @throws {BuildToolError} there is none, or parts of it are missing
 */
export async function findClang(freestanding = false): Promise<Clang> {
  const given = process.env['ASSAY_CLANG']
  const names = given
    ? [given]
    : ['clang', ...Array.from({ length: newest - oldest + 1 }, (_, i) => `clang-${newest - i}`)]
  let incomplete: { path: string; missing: string[] } | undefined
  for (const path of names.map(onPath)) {
    if (path === undefined) continue
    const { ok, stdout } = await run(path, ['--version'])
    if (!ok) continue
    const missing = await missingParts(path, freestanding)
    if (missing.length === 0) return { path, version: stdout.split('\n')[0]! }
    incomplete ??= { path, missing }
  }
  throw new BuildToolError({
    tool: 'clang',
    missing: incomplete?.missing.join(', ') ?? 'a clang that runs',
    lookedAt: incomplete?.path ?? given ?? `clang, clang-${newest} … clang-${oldest} on the PATH`,
    remedy:
      'On Debian: `apt-get install clang-16 lld-16 wasi-libc libclang-rt-16-dev-wasm32`. Elsewhere install the WASI SDK and set ASSAY_CLANG to its bin/clang.',
  })
}

async function missingParts(clang: string, freestanding: boolean): Promise<string[]> {
  const [target = ''] = freestanding ? freestandingOptions : withLibrary
  const ask = async (question: string) => (await run(clang, [target, question])).stdout.trim()
  const version = /-\d+$/.exec(clang)?.[0] ?? ''
  const missing: string[] = []
  const linkers = await Promise.all(
    ['wasm-ld', `wasm-ld${version}`].map((name) => ask(`-print-prog-name=${name}`)),
  )
  if (!linkers.some((path) => isAbsolute(path))) missing.push('the linker wasm-ld')
  if (freestanding) return missing
  if (!existsSync(await ask('-print-file-name=libc.a'))) missing.push('the C library wasi-libc')
  if (!existsSync(await ask('-print-libgcc-file-name'))) missing.push("the compiler's library for wasm32")
  return missing
}

function onPath(name: string): string | undefined {
  if (name.includes('/')) return name
  return searchPath()
    .map((folder) => join(folder, name))
    .find(existsSync)
}

function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
}

/** Runs the compiler. It starts `wasm-opt` by itself where it finds one, so it does not get to see any. */
function run(
  file: string,
  args: readonly string[],
): Promise<{ ok: boolean; stdout: string; stderr: string }> {
  const PATH = searchPath()
    .filter((folder) => !existsSync(join(folder, 'wasm-opt')))
    .join(delimiter)
  const env = { SOURCE_DATE_EPOCH: '946684800', ...process.env, PATH, LC_ALL: 'C' }
  return new Promise((resolve) => {
    execFile(file, args, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, stdout, stderr: stderr === '' && error ? error.message : stderr })
    })
  })
}

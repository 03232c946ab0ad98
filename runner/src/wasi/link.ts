import { ProgramMemoryError } from 'assay'
import { entryNames } from 'assay/vm'
import {
  InvalidModuleError,
  NoStartError,
  ProgramThreadsError,
  UnknownImportError,
  WasiTypeError,
} from '../build/errors.ts'
import { adapterText, programModule, type WasiSettings } from './adapter.ts'
import { type Binaryen, loadBinaryen, mergeModules } from './binaryen.ts'
import { isRefused, isWasiFunction, type WasiFunction, wasiFunctions, wasiModule } from './functions.ts'

export type LinkedProgram = {
  bytes: Uint8Array
  /** WASI functions that the program imported, each once. */
  linked: readonly WasiFunction[]
  /** Those of them that do nothing but return an error. */
  refused: readonly WasiFunction[]
}

type ModuleInfo = { imports: WebAssembly.ModuleImportDescriptor[]; exports: string[] }

/**
 * Links the WASI functions that a program imports into it. What is left imports only the host interface and exports
 * only its memory and its entry. A module without WASI imports is returned as it is.
 *
 * Whether Assay runs the result is the translation's to say.
 *
 * @throws {InvalidModuleError} it is no module, or V8 finds it invalid
 * @throws {UnknownImportError | ProgramThreadsError | WasiTypeError} of its imports
 * @throws {NoStartError | ProgramMemoryError} of its exports
 * @throws {LinkError | BuildToolError}
 */
export async function linkWasi(program: Uint8Array, settings: WasiSettings = {}): Promise<LinkedProgram> {
  const module = readModule(program)
  refuseImports(module)
  if (!module.exports.some(isEntry))
    throw new NoStartError({ exports: module.exports.slice(0, 8).map(quoted) })
  const linked = [
    ...new Set(
      module.imports
        .filter(({ module }) => module === wasiModule)
        .map(({ name }) => name)
        .filter(isWasiFunction),
    ),
  ].sort()
  if (linked.length === 0) return { bytes: program, linked, refused: [] }
  if (!module.exports.includes('memory'))
    throw new ProgramMemoryError({ reason: 'no memory is exported as "memory"' })

  const binaryen = await loadBinaryen()
  refuseTypes(binaryen, program)
  const merged = await mergeModules([
    [program, programModule],
    [assemble(binaryen, adapterText(linked, settings)), wasiModule],
  ])
  return { bytes: prune(binaryen, merged, module.exports), linked, refused: linked.filter(isRefused) }
}

function readModule(program: Uint8Array): ModuleInfo {
  try {
    const module = new WebAssembly.Module(new Uint8Array(program))
    return {
      imports: WebAssembly.Module.imports(module),
      exports: WebAssembly.Module.exports(module).map(({ name }) => name),
    }
  } catch (error) {
    throw new InvalidModuleError({ reason: (error as Error).message })
  }
}

function refuseImports({ imports }: ModuleInfo): void {
  const thread = imports.find(({ module, name }) => module === 'wasi' && name === 'thread-spawn')
  if (thread !== undefined) throw new ProgramThreadsError({ found: 'import of wasi.thread-spawn' })
  const unknown = imports.filter(({ module, name, kind }) => {
    if (module === wasiModule) return kind !== 'function' || !isWasiFunction(name)
    // Whether these are right is for the translation of the result, which knows more about it.
    return module !== 'assay'
  })
  if (unknown.length === 0) return
  const list = unknown
    .slice(0, 8)
    .map(({ module, name, kind }) => `${kind} ${quoted(module)}.${quoted(name)}`)
  if (unknown.length > list.length) list.push(`and ${unknown.length - list.length} more`)
  throw new UnknownImportError({ imports: list })
}

/** Names come out of files of strangers. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name).slice(1, -1)
}

const isEntry = (name: string) => entryNames.some((entry) => entry === name)

function refuseTypes(binaryen: Binaryen, program: Uint8Array): void {
  const module = binaryen.readBinaryWithFeatures(program, binaryen.Features.All)
  try {
    const letters = new Map([
      [binaryen.i32, 'i'],
      [binaryen.i64, 'I'],
      [binaryen.f32, 'f'],
      [binaryen.f64, 'F'],
    ])
    const types = (type: number) =>
      binaryen
        .expandType(type)
        .map((one) => letters.get(one) ?? '?')
        .join('')
    for (let i = 0; i < module.getNumFunctions(); i++) {
      const { module: from, base, params, results } = binaryen.getFunctionInfo(module.getFunctionByIndex(i))
      if (from !== wasiModule || base === null || !isWasiFunction(base)) continue
      const expected = wasiFunctions[base]
      const found = `${types(params)}>${types(results)}`
      if (found !== expected)
        throw new WasiTypeError({ name: base, found: readable(found), expected: readable(expected) })
    }
  } finally {
    module.dispose()
  }
}

const typeNames: Record<string, string> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', '?': 'another type' }

function readable(type: string): string {
  const [params, results] = type.split('>').map((list) => [...list].map((one) => typeNames[one]).join(' '))
  return `(${params}) -> (${results})`
}

function assemble(binaryen: Binaryen, text: string): Uint8Array {
  const module = binaryen.parseText(text)
  try {
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

/** Leaves the program's memory and entry as the only exports, and of the code what they reach. */
function prune(binaryen: Binaryen, merged: Uint8Array, own: readonly string[]): Uint8Array {
  const module = binaryen.readBinaryWithFeatures(merged, binaryen.Features.All)
  try {
    const kept: readonly string[] = own.filter((name) => name === 'memory' || isEntry(name))
    for (let i = module.getNumExports() - 1; i >= 0; i--) {
      const { name } = binaryen.getExportInfo(module.getExportByIndex(i))
      if (!kept.includes(name)) module.removeExport(name)
    }
    module.runPasses([
      'remove-unused-module-elements',
      'strip-debug',
      'strip-producers',
      'strip-target-features',
    ])
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

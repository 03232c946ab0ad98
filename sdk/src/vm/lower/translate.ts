import { ProgramLimitError } from '../../errors/program.ts'
import { flag, op, pageSize } from '../isa.ts'
import type { Program } from '../program.ts'
import type { TableEntry } from '../state.ts'
import { entryOf } from '../wasm/entry.ts'
import { assayEnvironment, type Environment } from '../wasm/environment.ts'
import { moduleLimits } from '../wasm/limits.ts'
import { readModule } from '../wasm/module.ts'
import type { WasmModule } from '../wasm/types.ts'
import { BodyLowering, weightOf } from './body.ts'
import type { CodeWriter } from './code.ts'

const call = op('call')

export type TranslateParameters = {
  /**
   * What the module may import and must be.
   * @default the host interface, and programs only
   */
  environment?: Environment
}

/**
 * Translates a WebAssembly module into a program of the machine: docs/vm/machine.md, "Translation". The same bytes
 * give the same program everywhere.
 *
 * Takes time and memory in proportion to the file, whatever the file says about itself.
 *
 * @throws {ProgramError} one subclass per reason why the module is refused
 */
export function translate(
  bytes: Uint8Array,
  { environment = assayEnvironment }: TranslateParameters = {},
): Program {
  let lowering: BodyLowering | undefined
  const begin = (module: WasmModule) => {
    lowering = new BodyLowering(module)
    emitStub(lowering, module, environment)
    return lowering
  }
  const module = readModule(bytes, { environment, visit: begin })
  // a module without functions has no code section
  const done = lowering ?? begin(module)
  emitHostStubs(done, module)
  linkCalls(done)
  const { code, pcs, slots, steps } = done
  return {
    code: code.finish(),
    table: tableOf(module, done),
    globals: BigUint64Array.from(module.globals, ({ value }) => value),
    memory: memoryOf(module),
    initialPages: module.memory?.min ?? 0,
    maxPages: module.memory?.max ?? 0,
    entry: 0,
    module,
    pcs,
    slots,
    steps: steps.finish(),
  }
}

/** The stub at pc 0: start function, entry, end. */
function emitStub({ code }: BodyLowering, module: WasmModule, { programsOnly }: Environment): void {
  if (module.start !== undefined) code.emit(call, 0, 0, 0, 0, 0, module.start)
  if (programsOnly) code.emit(call, 0, 0, 0, 0, 0, entryOf(module))
  code.emit(op('return'), 0, 0, 0, 0, 0, 0)
}

/** Imported functions that are called like the module's own. */
function emitHostStubs({ code, pcs, slots }: BodyLowering, module: WasmModule): void {
  const { importedFunctions, exports, elements } = module
  const wanted = new Uint8Array(importedFunctions.length)
  for (const { kind, index } of exports) if (kind === 'function' && index < wanted.length) wanted[index] = 1
  for (const { functions } of elements)
    for (const index of functions) if (index < wanted.length) wanted[index] = 1
  for (const [index, { host, type }] of importedFunctions.entries()) {
    // a function that does nothing has no instruction, so its callers need the stub
    if (wanted[index] === 0 && host !== undefined) continue
    const { params, results } = type
    pcs[index] = code.length
    slots[index] = params.length + results.length
    if (host === undefined) emitZeros(code, results.length)
    else {
      for (let i = 0; i < params.length; i++) code.emit(op('arg'), 0, 0, i, 0, 0, i)
      code.emit(op(host), 0, results.length > 0 ? params.length : 0, 0, 0, 0, 0)
      if (results.length > 0) code.emit(op('return'), flag.hasValue, 0, params.length, 0, 0, 0)
      else code.emit(op('return'), 0, 0, 0, 0, 0, 0)
    }
  }
}

/** A function that does nothing. */
function emitZeros(code: CodeWriter, results: number): void {
  if (results === 1) code.emit(op('return'), flag.hasValue | flag.constantA, 0, 0, 0, 0, 0)
  else {
    for (let i = 0; i < results; i++) code.emit(op('arg'), flag.constantA, 0, 0, 0, 0, i)
    code.emit(op('return'), 0, 0, 0, 0, 0, 0)
  }
}

/** Calls carry the index of their function until the places of all functions are known. */
function linkCalls({ code, pcs, slots }: BodyLowering): void {
  for (let pc = 0; pc < code.length; pc++) {
    if (code.opAt(pc) !== call) continue
    const callee = code.target(pc)
    code.setTarget(pc, pcs[callee]!)
    code.setWeight(pc, weightOf(slots[callee]!))
  }
}

const nullEntry: TableEntry = { type: 0, weight: 0, pc: 0 }

function tableOf({ elements, functions }: WasmModule, { pcs, slots }: BodyLowering): TableEntry[] {
  const length = elements.reduce((most, { first, functions }) => Math.max(most, first + functions.length), 0)
  const table = new Array<TableEntry>(length).fill(nullEntry)
  for (const { first, functions: indices } of elements)
    for (const [i, index] of indices.entries())
      table[first + i] = {
        type: functions[index]!.number,
        weight: weightOf(slots[index]!),
        pc: pcs[index]!,
      }
  return table
}

/** Pages that data segments write to, in order of the segments. */
function memoryOf({ data }: WasmModule): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>()
  for (const { first, bytes } of data)
    for (let done = 0; done < bytes.length; ) {
      const at = first + done
      const number = Math.floor(at / pageSize)
      const from = at % pageSize
      const length = Math.min(bytes.length - done, pageSize - from)
      let page = pages.get(number)
      if (page === undefined) {
        const limit = moduleLimits['pages with data']
        if (pages.size === limit)
          throw new ProgramLimitError({ what: 'pages with data', value: limit + 1, limit })
        page = new Uint8Array(pageSize)
        pages.set(number, page)
      }
      page.set(bytes.subarray(done, done + length), from)
      done += length
    }
  return pages
}

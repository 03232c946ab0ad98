import { functionNames, infoOfProgram, type ModuleExport, machineLimits, type Program } from 'assay/vm'
import type { Hex } from 'viem'

/** What a program is and asks for, told without running any of it. */
export type Inspection = {
  programId: Hex
  /** Bytes of the module. */
  size: number
  entry: { name: string; function: number }
  /** Function that runs before the entry, if any, as a part of the task. */
  start: number | null
  functions: { defined: number; imported: number }
  /** Instructions of the machine, 32 bytes each. */
  instructions: number
  /** Slots of the largest frame, and the function that has it. */
  largestFrame: { slots: number; function: number; name: string | null }
  /** Pages of 64 KiB: at the beginning, and what memory.grow may reach. */
  memory: { min: number; max: number; declaredMax: number | null }
  /** Active segments and their bytes. */
  data: { segments: number; bytes: number }
  /** Entries of the table for indirect calls. */
  table: number
  globals: number
  /** Host functions. */
  imports: readonly string[]
  exports: readonly Pick<ModuleExport, 'name' | 'kind'>[]
  /** What the machine gives at most. */
  limits: {
    instructions: number
    frameSlots: number
    pages: number
    tableEntries: number
    globals: number
  }
}

/** Tells what a translated module is. */
export function inspect(program: Program): Inspection {
  const { module, slots } = program
  const { programId, size, instructions, entry: entryName } = infoOfProgram(program)
  const { importedFunctions, exports, functions, memory, data } = module
  const entry = exports.find(({ name }) => name === entryName)!
  const largest = slots.reduce((best, count, index) => (count > slots[best]! ? index : best), 0)
  return {
    programId,
    size,
    entry: { name: entry.name, function: entry.index },
    start: module.start ?? null,
    functions: {
      defined: functions.length - importedFunctions.length,
      imported: importedFunctions.length,
    },
    instructions,
    largestFrame: {
      slots: slots[largest] ?? 0,
      function: largest,
      name: functionNames(module).get(largest) ?? null,
    },
    memory: { min: memory?.min ?? 0, max: memory?.max ?? 0, declaredMax: memory?.declaredMax ?? null },
    data: { segments: data.length, bytes: data.reduce((sum, { bytes }) => sum + bytes.length, 0) },
    table: module.table?.min ?? 0,
    globals: module.globals.length,
    imports: [...new Set(importedFunctions.map(({ name }) => name))],
    exports: exports.map(({ name, kind }) => ({ name, kind })),
    limits: {
      instructions: machineLimits.codeWords,
      frameSlots: machineLimits.slots,
      pages: machineLimits.pages,
      tableEntries: machineLimits.tableEntries,
      globals: machineLimits.slots,
    },
  }
}

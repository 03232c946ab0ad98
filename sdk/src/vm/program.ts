import type { StepTable } from './lower/steps.ts'
import type { WasmModule } from './wasm/types.ts'

/** What a function index of `call_indirect` leads to. Type 0 is null. */
export type TableEntry = { readonly type: number; readonly weight: number; readonly pc: number }

/** All that a programId commits to. */
export type ProgramImage = {
  /** 32 bytes for each instruction. */
  readonly code: Uint8Array
  readonly table: readonly TableEntry[]
  readonly globals: BigUint64Array
  /** By page, 65,536 bytes each; absent pages are zero. */
  readonly memory: ReadonlyMap<number, Uint8Array>
  readonly initialPages: number
  readonly maxPages: number
  /** pc of the first instruction. */
  readonly entry: number
}

/** A translated module: the program, and what engines and debuggers want to know of where it came from. */
export type Program = ProgramImage & {
  readonly module: WasmModule
  /** pc of each function, by function index; −1 for an imported one without a stub. */
  readonly pcs: Int32Array
  /** Slots of each function's frame; a call takes 16 more from the budget. */
  readonly slots: Uint16Array
  readonly steps: StepTable
}

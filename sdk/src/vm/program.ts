import type { StepTable } from './lower/steps.ts'
import type { ProgramImage } from './state.ts'
import type { WasmModule } from './wasm/types.ts'

/** A translated module: the program, and what engines and debuggers want to know of where it came from. */
export type Program = ProgramImage & {
  readonly module: WasmModule
  /** pc of each function, by function index; −1 for an imported one without a stub. */
  readonly pcs: Int32Array
  /** Slots of each function's frame; a call takes 16 more from the budget. */
  readonly slots: Uint16Array
  readonly steps: StepTable
}

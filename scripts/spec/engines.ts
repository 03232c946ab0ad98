import type { TrapReason } from '../../sdk/src/vm/engine.ts'
import type { Program } from '../../sdk/src/vm/index.ts'

/** How a call of the script ended, with the steps of the function alone: no engine's way of calling it counts. */
export type Outcome =
  | { readonly ending: 'returned'; readonly values: readonly bigint[]; readonly steps: bigint }
  /** An engine that does not know the reason gives none. */
  | { readonly ending: 'trapped'; readonly reason?: TrapReason | undefined; readonly steps: bigint }
  /** Stopped by the step limit of the run, not by the module. */
  | { readonly ending: 'unfinished'; readonly steps: bigint }

/** What invocations of a module leave behind. */
export type Contents = {
  /** Pages of 64 KiB. */
  readonly pages: number
  /** The bytes of a page. */
  page(number: number): Uint8Array
  readonly globals: readonly bigint[]
}

/** A module that lives as long as its script. */
export type Instance = {
  /** Calls a function with the bits of its arguments. */
  invoke(functionIndex: number, args: readonly bigint[]): Outcome | Promise<Outcome>
  contents(): Contents
}

/** An engine as the suite drives it. */
export type SpecEngine = {
  readonly name: 'reference' | 'fast' | 'native'
  instantiate(program: Program): Instance | Promise<Instance>
}

/** Steps after which an invocation is given up, and counted as such. */
export const invocationLimit = 20_000_000n

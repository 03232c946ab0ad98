import type { TrapReason } from '../../sdk/src/vm/engine.ts'
import type { Program } from '../../sdk/src/vm/index.ts'

/**
 * How an invocation ended. Steps are those of the program whose entry is a stub that calls the function; an ending after which
 * an engine does not know them has none.
 */
export type Outcome =
  | { readonly ending: 'returned'; readonly values: readonly bigint[]; readonly steps: bigint }
  /** Without a reason where the engine has one message for several. */
  | {
      readonly ending: 'trapped'
      readonly reason: TrapReason | undefined
      readonly steps: bigint | undefined
    }
  /** Stopped by the step limit of the run, not by the module. */
  | { readonly ending: 'unfinished' }

/** What the invocations of a module left behind. */
export type Contents = {
  /** Pages of 64 KiB. */
  readonly pages: number
  /** The bytes of a page. */
  page(number: number): Uint8Array
  /** Undefined where an engine does not show them. */
  readonly globals: readonly bigint[] | undefined
}

/** A module that lives as long as its script. */
export type Instance = {
  /** Calls a function with the bits of its arguments. */
  invoke(functionIndex: number, args: readonly bigint[]): Outcome | Promise<Outcome>
  contents(): Contents
}

export type EngineName = 'reference' | 'fast' | 'native' | 'native (fast build)' | 'OneStepVM'

/** An engine as the suite drives it. */
export type SpecEngine = {
  readonly name: EngineName
  /** @param stepLimit - Of each invocation; by default as many as the engine takes some seconds for. */
  instantiate(program: Program, stepLimit?: bigint): Instance
}

import { limits } from '../isa.ts'

/**
 * What a module may have at most, beyond the rules of WebAssembly. Each lies below V8's own limit, with room for
 * what instrumentation adds, so that no module passes here and fails there; those of the machine are in isa.ts. The
 * table of limits in docs/vm/machine.md is generated from both.
 */
export const moduleLimits = {
  types: 100_000,
  'values of a type': 990,
  imports: 1_000,
  functions: 500_000,
  globals: limits.slots,
  exports: 50_000,
  'element segments': 50_000,
  'data segments': 50_000,
  'pages with data': 4_096,
  'table entries': limits.tableEntries,
} as const

/** Bytes of a body. */
export const maxBodyBytes = 1 << 20

/** Entries of a `br_table`, without its default. */
export const maxJumpTableEntries = 16_384

/** Parameters of a function beyond which its body has at most so many bytes: instrumented code names larger locals. */
export const manyParams = 125
export const bodyBytesOfManyParams = 1 << 18

/**
 * Locals and operands of one function, counted at each of its blocks and branches: V8 takes time and memory for every
 * one of them there, though the file has a few bytes and the machine no step. Loops cost it several times as much.
 */
export const maxMergedValues = 1 << 25
export const mergesOfLoop = 4

/** Blocks open at one time in a function. */
export const maxNesting = 50_000

/** Loops among them: V8's optimizing compiler takes time with the square of it, 2.5 s for ten times as many. */
export const maxNestedLoops = 1_000

/**
 * Values that calls, blocks and branches of a whole module pass on. One instruction can move a thousand, so the
 * size of a file alone does not bound the work of validating it.
 */
export const maxPassedValues = 1 << 24

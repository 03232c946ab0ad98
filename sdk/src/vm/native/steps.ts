/**
 * What the lowering tells of a program's defined functions: how many steps of the machine each instruction of
 * WebAssembly takes. The rule is docs/vm/machine.md, *Steps of WebAssembly*.
 */
export type ProgramSteps = {
  /**
   * One entry per instruction, in the order of the file, all bodies one after the other; instructions that cannot
   * be reached, `nop`, `else` and every `end` have theirs. The low 16 bits are the words executed where the
   * instruction is and control goes on (for `else` and `end`: where they are reached by falling through; for a
   * repeating instruction: if it takes one step); the high 16 bits the further words if a `br_if` branches.
   */
  readonly steps: Uint32Array
  /** By defined function: its first entry. */
  readonly firsts: Uint32Array
  /** By defined function: what a call of it takes from the stack, in slots. */
  readonly weights: Uint32Array
}

/** Low half of an entry. */
export const stepsOf = (entry: number): number => entry & 0xffff

/** High half of an entry. */
export const takenOf = (entry: number): number => entry >>> 16

import type { FunctionType, ValueTypes } from './types.ts'

/**
 * Told of each instruction once it is decoded and its operands have been checked, in the order of the file.
 *
 * Instructions that cannot be reached are passed over by `next` alone, together with whole blocks among them.
 * So the visitor sees properly nested blocks; what it is told of `otherwise` and `end` says whether control
 * arrives there by falling through. After `otherwise` and `end` code counts as reachable again.
 */
export interface BodyVisitor {
  /** A body begins. `locals` counts parameters. */
  begin(functionIndex: number, type: FunctionType, locals: number): void
  /** An instruction begins at that place of the file, reachable or not; its own method follows if it is. */
  next(offset: number): void
  /** `kind` is the opcode of `block`, `loop` or `if`; the condition of `if` is still an operand. */
  block(kind: number, params: ValueTypes, results: ValueTypes): void
  otherwise(reached: boolean): void
  /** End of a block, or of the body where no block is open. */
  end(reached: boolean): void
  unreachable(): void
  br(depth: number): void
  brIf(depth: number): void
  /** `depths` is valid during the call only: `count` entries, the default last. */
  brTable(depths: Uint32Array, count: number): void
  return(): void
  call(functionIndex: number, type: FunctionType): void
  callIndirect(type: FunctionType): void
  drop(): void
  select(): void
  localGet(index: number): void
  localSet(index: number): void
  localTee(index: number): void
  globalGet(index: number): void
  globalSet(index: number): void
  load(opcode: number, offset: number): void
  store(opcode: number, offset: number): void
  memorySize(): void
  memoryGrow(): void
  memoryCopy(): void
  memoryFill(): void
  /** Any constant: its bits, both halves signed; the upper is 0 for 32-bit types. */
  constant(low: number, high: number): void
  /** `opcode` is WebAssembly's; after the prefix 0xfc 256 is added. */
  unary(opcode: number): void
  binary(opcode: number): void
  /** The body is over. `height` is the greatest number of operands that reachable code has. */
  finish(height: number): void
}

const nothing = (): void => {}

/** Looks at nothing: for who wants a module validated only. */
export const silentVisitor: BodyVisitor = {
  begin: nothing,
  next: nothing,
  block: nothing,
  otherwise: nothing,
  end: nothing,
  unreachable: nothing,
  br: nothing,
  brIf: nothing,
  brTable: nothing,
  return: nothing,
  call: nothing,
  callIndirect: nothing,
  drop: nothing,
  select: nothing,
  localGet: nothing,
  localSet: nothing,
  localTee: nothing,
  globalGet: nothing,
  globalSet: nothing,
  load: nothing,
  store: nothing,
  memorySize: nothing,
  memoryGrow: nothing,
  memoryCopy: nothing,
  memoryFill: nothing,
  constant: nothing,
  unary: nothing,
  binary: nothing,
  finish: nothing,
}

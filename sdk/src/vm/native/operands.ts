import { type ValueTypes, valueType } from '../wasm/types.ts'
import { op } from './code.ts'
import { NanGraph } from './nans.ts'

/** A block that is open. */
export type Frame = {
  /** Opcode of `block`, `loop`, `if` or, after it, `else`. */
  kind: number
  params: ValueTypes
  results: ValueTypes
  /** Operands below. */
  base: number
  /** Node of the only result where it is a float. */
  node: number
  /** Something branches to its end. */
  isTarget: boolean
}

/** Operands and open blocks of one body, as far as bits of NaNs and depths of labels go. */
export class Operands {
  readonly graph = new NanGraph()
  /** By operand. */
  readonly nodes = new Int32Array(2_048)
  height = 0
  readonly frames: Frame[] = []
  /** Open blocks without the function's own: the depth of its label. */
  depth = -1

  /** Begins a body. */
  reset(locals: number): void {
    this.graph.reset(locals)
    this.height = 0
    this.depth = -1
  }

  /** Pushes an operand: its node. */
  push(node: number): void {
    this.nodes[this.height++] = node
  }

  /** Pushes operands whose bits are given: no arithmetic of this function made them. */
  pushUnknown(count: number): void {
    for (let i = 0; i < count; i++) this.nodes[this.height++] = 0
  }

  pop(): number {
    return this.nodes[--this.height]!
  }

  /** The bits of the topmost values show. */
  lookAll(count: number): void {
    for (let i = 1; i <= count; i++) this.graph.look(this.nodes[this.height - i]!)
  }

  /** Opens a block, whose parameters are on the stack. */
  open(kind: number, params: ValueTypes, results: ValueTypes): void {
    const isFloat = results.length === 1 && (results[0] === valueType.f32 || results[0] === valueType.f64)
    // a function's result is looked at by whoever called it
    const node = isFloat && this.depth >= 0 ? this.graph.add(-1) : 0
    const base = this.height - params.length
    this.depth++
    this.frames[this.depth] = { kind, params, results, base, node, isTarget: false }
    this.height = base
    this.pushUnknown(params.length)
  }

  /** Types of a branch's values. */
  labelTypes(label: number): ValueTypes {
    const { kind, params, results } = this.frames[this.depth - label]!
    return kind === op.loop ? params : results
  }

  /** Passes the topmost operands on to a label. */
  passTo(label: number): void {
    const frame = this.frames[this.depth - label]!
    frame.isTarget = true
    if (frame.kind === op.loop) this.lookAll(frame.params.length)
    else this.passToFrame(frame)
  }

  /** Passes the topmost operands on as results of a block. */
  passToFrame({ node, results }: Frame): void {
    if (node === 0) this.lookAll(results.length)
    else this.graph.connect(node, this.nodes[this.height - 1]!)
  }
}

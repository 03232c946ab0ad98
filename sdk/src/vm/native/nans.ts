/**
 * Which float results of one function need the canonical NaN.
 *
 * WebAssembly leaves the bits of a NaN that arithmetic yields to the engine; the machine does not. They matter only
 * where something looks at bits: float arithmetic, comparisons and truncations do not. Values are nodes: results of
 * arithmetic, locals (all that is ever set into one, taken together), values that pass another's bits on (`neg`,
 * `select`, the result of a block). What is looked at is *visible*, and so is all that its bits may come from; a result
 * of arithmetic that is visible in the end gets its bits fixed where it is made. Node 0 stands for every other value.
 */
export class NanGraph {
  /** Nodes in use; those of the locals come first, from 1. */
  count = 1
  /** By node: where in the code its fix belongs, or −1. */
  #places = new Int32Array(256)
  #isVisible = new Uint8Array(256)
  #firstEdge = new Int32Array(256)
  #edges = 1
  #targets = new Int32Array(256)
  #nextEdge = new Int32Array(256)
  #open: number[] = []

  /** Forgets the function before. Node 1 + i is local i. */
  reset(locals: number): void {
    this.count = 1
    this.#edges = 1
    this.#open = []
    for (let i = 0; i < locals; i++) this.add(-1)
  }

  /** A new node. @param place - Where its fix belongs, if it is a result of arithmetic; else −1. */
  add(place: number): number {
    const node = this.count++
    if (node >= this.#places.length) {
      this.#places = larger(this.#places)
      this.#firstEdge = larger(this.#firstEdge)
      const isVisible = new Uint8Array(this.#isVisible.length * 2)
      isVisible.set(this.#isVisible)
      this.#isVisible = isVisible
    }
    this.#places[node] = place
    this.#isVisible[node] = 0
    this.#firstEdge[node] = 0
    return node
  }

  /** The bits of `node` may be those of `source`. */
  connect(node: number, source: number): void {
    if (source === 0 || node === source) return
    if (node === 0) {
      this.look(source)
      return
    }
    const edge = this.#edges++
    if (edge >= this.#targets.length) {
      this.#targets = larger(this.#targets)
      this.#nextEdge = larger(this.#nextEdge)
    }
    this.#targets[edge] = source
    this.#nextEdge[edge] = this.#firstEdge[node]!
    this.#firstEdge[node] = edge
  }

  /** Something looks at the bits of this value. */
  look(node: number): void {
    if (node === 0 || this.#isVisible[node] === 1) return
    this.#isVisible[node] = 1
    this.#open.push(node)
  }

  /** Follows visibility to its sources. @returns whether anything needs a fix. */
  settle(): boolean {
    let found = false
    for (let node = this.#open.pop(); node !== undefined; node = this.#open.pop()) {
      if (this.#places[node]! >= 0) found = true
      for (let edge = this.#firstEdge[node]!; edge !== 0; edge = this.#nextEdge[edge]!)
        this.look(this.#targets[edge]!)
    }
    return found
  }

  /** After `settle`: where the node's fix belongs, or −1 if it needs none. */
  placeOf(node: number): number {
    return this.#isVisible[node] === 1 ? this.#places[node]! : -1
  }
}

function larger(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2)
  copy.set(array)
  return copy
}

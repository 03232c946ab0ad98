type Insertion = { at: number; text: string; order: number; closes: boolean }

/** Texts to insert into a source. What was opened later lies inside of what was opened before at the same place. */
export class Edits {
  #insertions: Insertion[] = []

  /** Inserts `before` and `after` around the bytes from `start` up to `end`. */
  wrap(start: number, end: number, before: string, after: string): void {
    this.insert(start, before)
    this.#insertions.push({ at: end, text: after, order: -this.#insertions.length, closes: true })
  }

  insert(at: number, text: string): void {
    this.#insertions.push({ at, text, order: this.#insertions.length, closes: false })
  }

  apply(source: Uint8Array): string {
    const sorted = this.#insertions.toSorted(
      (a, b) => a.at - b.at || Number(b.closes) - Number(a.closes) || a.order - b.order,
    )
    const parts: string[] = []
    let from = 0
    for (const { at, text } of sorted) {
      parts.push(Buffer.from(source.subarray(from, at)).toString(), text)
      from = at
    }
    parts.push(Buffer.from(source.subarray(from)).toString())
    return parts.join('')
  }
}

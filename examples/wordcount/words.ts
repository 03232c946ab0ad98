import { OutputFormatError } from '../errors.ts'

export type WordCounts = {
  /** Words in all. */
  words: number
  counts: Map<string, number>
}

export type WordCount = { word: string; count: number }

/** Splits a shared text of `length` bytes into ranges of about the same size, one task each: start u32, end u32. */
export function rangeInputs({ length, tasks }: { length: number; tasks: number }): Uint8Array[] {
  return Array.from({ length: tasks }, (_, task) => {
    const input = new DataView(new ArrayBuffer(8))
    input.setUint32(0, Math.floor((length * task) / tasks), true)
    input.setUint32(4, Math.floor((length * (task + 1)) / tasks), true)
    return new Uint8Array(input.buffer)
  })
}

/**
 * Merges the tasks' tables. Works on any part of the outputs, in any order.
 *
 * @throws {OutputFormatError} an output is not a table
 */
export function mergeCounts(outputs: readonly Uint8Array[]): WordCounts {
  const counts = new Map<string, number>()
  let words = 0
  outputs.forEach((output, index) => {
    const table = readTable(output, index)
    words += table.words
    for (const { word, count } of table.entries) counts.set(word, (counts.get(word) ?? 0) + count)
  })
  return { words, counts }
}

/** The `n` most frequent words, equally frequent ones in alphabetical order. */
export function topWords({ counts }: WordCounts, n: number): WordCount[] {
  return [...counts]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
    .slice(0, n)
}

function readTable(output: Uint8Array, index: number): { words: number; entries: WordCount[] } {
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
  const letters = new TextDecoder()
  let at = 0
  const u32 = () => {
    if (at + 4 > output.length)
      throw new OutputFormatError({ program: 'wordcount', index, reason: 'cut off' })
    at += 4
    return view.getUint32(at - 4, true)
  }
  const words = u32()
  const distinct = u32()
  const entries: WordCount[] = []
  for (let i = 0; i < distinct; i++) {
    const count = u32()
    const length = u32()
    if (at + length > output.length)
      throw new OutputFormatError({ program: 'wordcount', index, reason: 'cut off' })
    entries.push({ word: letters.decode(output.subarray(at, at + length)), count })
    at += length
  }
  if (at !== output.length) {
    throw new OutputFormatError({
      program: 'wordcount',
      index,
      reason: `${output.length - at} bytes too many`,
    })
  }
  return { words, entries }
}

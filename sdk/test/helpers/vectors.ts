import { readFileSync } from 'node:fs'
import { type Hex, size, slice } from 'viem'

type Proof = { index: number; leaf: Hex; siblings: Hex }

export type TreeVectors = {
  pattern: string
  emptyRoot: Hex
  content: { length: number; root: Hex; contentHash: Hex; proofs: Proof[] }[]
  inputs: { tasks: number; inputs: Hex; root: Hex; proofs: Proof[] }[]
  results: {
    steps: string
    tasks: number
    leaves: Hex
    root: Hex
    totalSteps: string
    commitment: Hex
    proofs: Proof[]
  }[]
  malformed: { fault: string; row: Hex }[]
  pack: { bytes: Hex; inputsRoot: Hex }
}

/** The committed vectors that every implementation of the trees is held to. */
export function readTreeVectors(): TreeVectors {
  return JSON.parse(readFileSync(new URL('../../../test/vectors/trees.json', import.meta.url), 'utf8'))
}

/** Bytes of the pattern that the vectors are made of. */
export function patternBytes(start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) {
    const i = start + at
    bytes[at] = (i + 1) ^ ((i >> 8) * 31) ^ ((i >> 16) * 17)
  }
  return bytes
}

/** Cuts a hex string into fields of equal size. */
export function fields(packed: Hex, width: number): Hex[] {
  return Array.from({ length: size(packed) / width }, (_, i) => slice(packed, i * width, (i + 1) * width))
}

/** Contents written as root and u64 length, 40 bytes each. */
export function refs(packed: Hex): { root: Hex; length: number }[] {
  return fields(packed, 40).map((ref) => ({ root: slice(ref, 0, 32), length: Number(slice(ref, 32)) }))
}

/** Siblings of a result proof: hash and u128 steps, 48 bytes each. */
export function sumNodes(packed: Hex): { hash: Hex; steps: bigint }[] {
  return fields(packed, 48).map((node) => ({ hash: slice(node, 0, 32), steps: BigInt(slice(node, 32)) }))
}

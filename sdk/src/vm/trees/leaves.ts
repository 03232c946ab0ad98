import { leafSize } from '../../trees/contentTree.ts'

/** Number of the leaf that a byte stands in. */
export const leafOfByte = (at: number): number => Math.floor(at / leafSize)

/** The leaf of a slot, an argument or a global. */
export const leafOfSlot = (index: number): number => leafOfByte(8 * index)

/** The leaf of an instruction or an entry of the table, which have 32 bytes each. */
export const leafOfWord = (index: number): number => leafOfByte(32 * index)

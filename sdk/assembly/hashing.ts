/** The module behind `sdk/src/vm/fast/hashing.ts`: small enough for browsers to compile on their main thread. */

export { hashLeaf, hashNode, keccak256 } from './keccak'
export { refresh, rootOf, smallRoot } from './merkle'

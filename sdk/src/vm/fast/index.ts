export { fastEngine, runFast } from './engine.ts'
export { Keccak, MerkleBytes } from './hashing.ts'
export { FastMachine } from './machine.ts'
export type { Snapshot } from './snapshot.ts'

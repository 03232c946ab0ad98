export { fastEngine, runFast } from './engine.ts'
export { Keccak, MerkleBytes } from './hashing.ts'
export { FastMachine, type Snapshot } from './machine.ts'

import { ethers } from './chain.ts'
import { defaultJob } from './defaults.ts'

/** A job's terms, one field each; packed by {@link packTerms}. Written independently of the SDK's packer. */
export interface TermsFields {
  programId: string
  inputsRoot: string
  sharedInput: string
  maxPrice: bigint
  minBps: bigint
  isPrivate: bigint
  ramp: bigint
  run: bigint
  window: bigint
  minReputation: bigint
  floor: bigint
  level: bigint
  snapshot: bigint
  tasks: bigint
  claimBy: bigint
  stepLimit: bigint
  maxOutput: bigint
  maxPages: bigint
  meteredBps: bigint
  nonce: bigint
  assurance: string
  dataUri: string
}

export interface Terms {
  programId: string
  inputsRoot: string
  sharedInput: string
  rules: bigint
  limits: bigint
  assurance: string
  dataUri: string
}

/** Packs `[value, bits]` pairs from the lowest bit on. */
export function packWord(fields: readonly (readonly [bigint, number])[]): bigint {
  let word = 0n
  let offset = 0n
  for (const [value, bits] of fields) {
    if (value < 0n || value >> BigInt(bits) !== 0n) throw new RangeError(`${value} does not fit ${bits} bits`)
    word |= value << offset
    offset += BigInt(bits)
  }
  if (offset > 256n) throw new RangeError(`${offset} bits do not fit a word`)
  return word
}

export function packRules(f: TermsFields): bigint {
  return packWord([
    [f.maxPrice, 80],
    [f.minBps, 14],
    [f.isPrivate, 1],
    [0n, 1],
    [f.ramp, 24],
    [f.run, 24],
    [f.window, 24],
    [f.minReputation, 20],
    [f.floor, 32],
    [f.level, 8],
    [f.snapshot, 28],
  ])
}

export function packLimits(f: TermsFields): bigint {
  return packWord([
    [f.tasks, 32],
    [f.claimBy, 32],
    [f.stepLimit, 64],
    [f.maxOutput, 32],
    [f.maxPages, 16],
    [f.meteredBps, 16],
    [f.nonce, 64],
  ])
}

export function packTerms(f: TermsFields): Terms {
  const { programId, inputsRoot, sharedInput, assurance, dataUri } = f
  return {
    programId,
    inputsRoot,
    sharedInput,
    rules: packRules(f),
    limits: packLimits(f),
    assurance,
    dataUri,
  }
}

export const word = (text: string) => ethers.keccak256(ethers.toUtf8Bytes(text))

let nonce = 0n

/** Fields of a default job with a nonce of its own. */
export function fieldsOf(overrides: Partial<TermsFields> & { claimBy: bigint }): TermsFields {
  nonce += 1n
  return {
    programId: word('program'),
    inputsRoot: word('inputs'),
    sharedInput: word('shared'),
    ...defaultJob,
    nonce,
    ...overrides,
  }
}

/** The id by its definition: `keccak(chain, market, requester, terms)`, the URI by its hash. */
export function jobIdOf(chainId: bigint, market: string, requester: string, t: Terms): string {
  const types = [
    'uint256',
    'address',
    'address',
    'bytes32',
    'bytes32',
    'bytes32',
    'uint256',
    'uint256',
    'bytes32',
    'bytes32',
  ]
  const uri = ethers.keccak256(ethers.toUtf8Bytes(t.dataUri))
  const values = [
    chainId,
    market,
    requester,
    t.programId,
    t.inputsRoot,
    t.sharedInput,
    t.rules,
    t.limits,
    t.assurance,
    uri,
  ]
  return ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(types, values))
}

/** The word a job stores of its result: `keccak(resultRoot ‖ uint128 totalSteps)`. */
export function commitmentOf(resultRoot: string, totalSteps: bigint): string {
  return ethers.solidityPackedKeccak256(['bytes32', 'uint128'], [resultRoot, totalSteps])
}

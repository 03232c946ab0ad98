import { toHex, zeroHash } from 'viem'
import { ValueOutOfRangeError } from '../errors/parameters.ts'
import { type AssuranceLevel, assuranceLevels } from '../types/job.ts'
import type { EncodedJobTerms, JobTerms, JobTermsInput, NamedJobTerms } from '../types/terms.ts'
import { maxUint, toUint } from './integers.ts'
import { packWord, unpackWord } from './packing.ts'
import { decodeResources, encodeResources } from './resources.ts'
import { decodeUFloat20, encodeUFloat20 } from './uFloat20.ts'

const bps = 10_000n

// contracts/types/JobTerms.sol
const rulesLayout = [
  ['maxPrice', 80],
  ['minBps', 14],
  ['isPrivate', 1],
  ['isMetered', 1],
  ['ramp', 24],
  ['run', 24],
  ['window', 24],
  ['minReputation', 20],
  ['floor', 32],
  ['level', 8],
  ['parametersId', 12],
  ['feeBps', 16],
] as const

const limitsLayout = [
  ['tasks', 32],
  ['claimBy', 32],
  ['stepLimit', 64],
  ['maxOutput', 32],
  ['maxPages', 16],
  ['meteredBps', 16],
  ['nonce', 64],
] as const

/**
 * Packs terms into the words of the contract. Only what cannot be expressed is refused here; the market's own bounds are
 * checked when the job is posted.
 * @throws {InvalidIntegerError | ValueOutOfRangeError}
 */
export function encodeJobTerms(terms: NamedJobTerms): EncodedJobTerms {
  const { isPrivate = false, meteredBps = 0, assurance = zeroHash, expects } = terms
  return {
    programId: terms.programId,
    inputsRoot: terms.inputsRoot,
    sharedInput: terms.sharedInput,
    rules: packWord(rulesLayout, {
      maxPrice: terms.maxPrice,
      minBps: minPriceToBps(terms.minPrice, terms.maxPrice),
      isPrivate: isPrivate ? 1 : 0,
      // the market's own note, refused in terms
      isMetered: 0,
      ramp: terms.ramp,
      run: terms.run,
      window: terms.window,
      minReputation: encodeUFloat20(terms.minReputation, 'minReputation'),
      floor: encodeResources(terms.floor),
      level: encodeLevel(terms.level),
      parametersId: expects?.parametersId ?? 0,
      feeBps: expects?.feeBps ?? 0,
    }),
    limits: packWord(limitsLayout, { ...terms, meteredBps }),
    assurance,
    dataUri: terms.dataUri,
  }
}

/**
 * Unpacks terms. Terms that {@link encodeJobTerms} made encode again to the same words; other software may have posted
 * words that have no such form, so an id is computed from the words as they are.
 */
export function decodeJobTerms(encoded: EncodedJobTerms): JobTerms {
  const rules = unpackWord(rulesLayout, encoded.rules)
  const limits = unpackWord(limitsLayout, encoded.limits)
  return {
    programId: encoded.programId,
    inputsRoot: encoded.inputsRoot,
    sharedInput: encoded.sharedInput,
    maxPrice: rules.maxPrice,
    minPrice: bpsToMinPrice(rules.minBps, rules.maxPrice),
    isPrivate: rules.isPrivate === 1n,
    ramp: Number(rules.ramp),
    run: Number(rules.run),
    window: Number(rules.window),
    minReputation: decodeUFloat20(Number(rules.minReputation)),
    floor: decodeResources(rules.floor),
    level: decodeLevel(rules.level),
    assurance: encoded.assurance,
    expects:
      rules.parametersId === 0n && rules.feeBps === 0n
        ? null
        : { parametersId: Number(rules.parametersId), feeBps: Number(rules.feeBps) },
    tasks: Number(limits.tasks),
    claimBy: Number(limits.claimBy),
    stepLimit: limits.stepLimit,
    maxOutput: Number(limits.maxOutput),
    maxPages: Number(limits.maxPages),
    meteredBps: Number(limits.meteredBps),
    nonce: limits.nonce,
    dataUri: encoded.dataUri,
  }
}

/** Terms with a random nonce where they have none. */
export function withNonce(terms: JobTermsInput): NamedJobTerms {
  return { ...terms, nonce: terms.nonce ?? randomNonce() }
}

/** 64 random bits: distinguishes equal terms of one requester. */
export function randomNonce(): bigint {
  return BigInt(toHex(crypto.getRandomValues(new Uint8Array(8))))
}

/**
 * The lowest price in basis points of the highest, rounded down.
 * @throws {ValueOutOfRangeError}
 */
function minPriceToBps(minPrice: bigint, maxPrice: bigint): bigint {
  toUint('maxPrice', maxPrice, maxUint(80))
  if (minPrice < 0n || minPrice > maxPrice)
    throw new ValueOutOfRangeError({ field: 'minPrice', value: minPrice, min: 0n, max: maxPrice })
  return maxPrice === 0n ? 0n : (minPrice * bps) / maxPrice
}

/**
 * The lowest price that so many basis points stand for. Rounded up, because then {@link minPriceToBps} leads back.
 */
export function bpsToMinPrice(minBps: bigint, maxPrice: bigint): bigint {
  return (maxPrice * minBps + bps - 1n) / bps
}

/** The level that a number of the terms stands for. */
export function decodeLevel(level: number | bigint): AssuranceLevel {
  return assuranceLevels[Number(level)] ?? Number(level)
}

/** The number that a level has in the terms. */
export function encodeLevel(level: AssuranceLevel): number {
  return typeof level === 'number' ? level : assuranceLevels.indexOf(level)
}

import { type Address, concatHex, type Hex, keccak256, pad, stringToHex } from 'viem'
import { levelOf } from './jobAccess.ts'
import type { PostedTerms } from './state.ts'
import type { Replay } from './transition.ts'
import { word } from './words.ts'

/** The level whose jobs never call a hook. */
export const optimistic = 0n

/** What a level asks of terms. */
export function requireLevel(
  replay: Replay,
  { parametersId, level, isPrivate }: { parametersId: bigint; level: bigint; isPrivate: bigint },
  meteredBps: bigint,
  assurance: Hex,
): void {
  const { checks, place } = replay
  if (level === optimistic) {
    checks.equal('rules', `${place}: assurance of an optimistic job`, 0n, BigInt(assurance))
    return
  }
  const found = levelOf(replay, parametersId, level)
  checks.equal('rules', `${place}: level ${level} offered`, true, found !== undefined)
  if (!found?.isMediated) return
  checks.equal('rules', `${place}: meteredBps of a seat`, 0n, meteredBps)
  checks.equal('rules', `${place}: isPrivate of a seat`, 0n, isPrivate)
}

/** `jobIdOf` of the contract. */
export function jobIdOf({ chainId, market }: Replay, requester: Address, terms: PostedTerms): Hex {
  return keccak256(
    concatHex([
      word(BigInt(chainId)),
      pad(market, { size: 32 }),
      pad(requester, { size: 32 }),
      terms.programId,
      terms.inputsRoot,
      terms.sharedInput,
      word(terms.rules),
      word(terms.limits),
      terms.assurance,
      keccak256(stringToHex(terms.dataUri)),
    ]),
  )
}

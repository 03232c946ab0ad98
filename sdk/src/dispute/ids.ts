import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, slice } from 'viem'
import type { ClaimTerms, DisputeNode, DisputePosition } from './types.ts'

const nodeStruct =
  'struct Node { bool isTrace; uint8 level; uint32 index; uint64 steps; uint128 from; uint128 to; bytes32 start; bytes32 end; }'
const claimStruct =
  'struct Claim { address market; bytes32 jobId; address provider; uint32 tasks; bytes32 termsHash; }'
const positionStruct =
  'struct Position { Claim claim; Node node; uint32 arrivedAt; uint8 stretch; uint8 moves; }'
const termsStruct =
  'struct ClaimTerms { bytes32 programId; bytes32 inputsRoot; bytes32 sharedInput; uint64 stepLimit; uint32 maxOutput; uint32 maxPages; }'

const gamePreimage = parseAbiParameters('address market, bytes32 jobId, address challenger')
const nodePreimage = parseAbiParameters(['address market, bytes32 jobId, Node node', nodeStruct])
const positionPreimage = parseAbiParameters(['Position position', positionStruct, claimStruct, nodeStruct])
const termsPreimage = parseAbiParameters(['ClaimTerms terms', termsStruct])

/** Names a challenger's dispute of a claim. A challenger that lost may open it again: then the id is the same. */
export function gameIdOf(parameters: { market: Address; jobId: Hex; challenger: Address }): Hex {
  const { market, jobId, challenger } = parameters
  return keccak256(encodeAbiParameters(gamePreimage, [market, jobId, challenger]))
}

/** Names a part of a claim; what is posted for it serves every game that comes there. */
export function nodeIdOf({ market, jobId, node }: { market: Address; jobId: Hex; node: DisputeNode }): Hex {
  return keccak256(encodeAbiParameters(nodePreimage, [market, jobId, node]))
}

/** What a game keeps of its position: the first 31 bytes of the hash. */
export function positionHash(position: DisputePosition): Hex {
  return slice(keccak256(encodeAbiParameters(positionPreimage, [position])), 0, 31)
}

/** What a claim keeps of its job's terms. */
export function claimTermsHash(terms: ClaimTerms): Hex {
  return keccak256(encodeAbiParameters(termsPreimage, [terms]))
}

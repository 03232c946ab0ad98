import type { Address, Hex } from 'viem'
import { encodeAbiParameters, keccak256, parseAbiParameters, stringToHex } from 'viem'
import type { EncodedJobTerms } from '../types/terms.ts'

const preimage = parseAbiParameters(
  'uint256 chainId, address market, address requester, bytes32 programId, bytes32 inputsRoot, bytes32 sharedInput, uint256 rules, uint256 limits, bytes32 assurance, bytes32 dataUriHash',
)

/** `jobIdOf` of the contract: the hash over chain, market, requester and all terms. */
export function hashJob(
  { chainId, market, requester }: { chainId: number; market: Address; requester: Address },
  { programId, inputsRoot, sharedInput, rules, limits, assurance, dataUri }: EncodedJobTerms,
): Hex {
  const dataUriHash = keccak256(stringToHex(dataUri))
  return keccak256(
    encodeAbiParameters(preimage, [
      BigInt(chainId),
      market,
      requester,
      programId,
      inputsRoot,
      sharedInput,
      rules,
      limits,
      assurance,
      dataUriHash,
    ]),
  )
}

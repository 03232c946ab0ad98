import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from 'viem'

const preimage = parseAbiParameters('uint256, address, bytes32, address, bytes32, uint128, bytes32')

/** A result as a seat commits to it and reveals it. */
export type SaltedResult = {
  /** Root of the result sum tree. */
  resultRoot: Hex
  /** Sum of the steps of all tasks. */
  totalSteps: bigint
  /** 32 bytes that nobody else can guess, the same for commitment and reveal: whoever loses them cannot reveal. */
  salt: Hex
}

/** `commitmentOf` of the contract: what a seat commits to, bound to chain, market, job and provider. */
export function seatCommitment(
  seat: { chainId: number; market: Address; jobId: Hex; provider: Address },
  { resultRoot, totalSteps, salt }: SaltedResult,
): Hex {
  const { chainId, market, jobId, provider } = seat
  return keccak256(
    encodeAbiParameters(preimage, [BigInt(chainId), market, jobId, provider, resultRoot, totalSteps, salt]),
  )
}

/** A salt for one seat: 32 random bytes. */
export function randomSalt(): Hex {
  return toHex(crypto.getRandomValues(new Uint8Array(32)))
}

import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem'

/** The `assurance` of a job that any one of these attesters may attest: `keccak256(abi.encode(attesters))`. */
export function attestersHash(attesters: readonly Address[]): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address[]' }], [attesters]))
}

import type { Account, Address, Signature } from 'viem'
import { parseSignature } from 'viem'
import { getChainId, readContract, signTypedData } from 'viem/actions'
import { assayTokenAbi } from '../abis.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { readToken } from './token.ts'

const permitTypes = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/** Signs an ERC-2612 permit with the token's next nonce. `value` in token base units, `deadline` in unix seconds. */
export async function signPermit(
  client: ClientWithMarket,
  parameters: { account: Account; token: Address; spender: Address; value: bigint; deadline: number },
): Promise<Signature> {
  const { account, token, spender, value, deadline } = parameters
  const [{ name, version }, nonce, chainId] = await Promise.all([
    getDomain(client, token),
    readToken(client, token, 'nonces', [account.address]),
    client.chain?.id ?? getChainId(client),
  ])
  try {
    const signature = await signTypedData(client, {
      account,
      domain: { name, version, chainId, verifyingContract: token },
      types: permitTypes,
      primaryType: 'Permit',
      message: { owner: account.address, spender, value, nonce, deadline: BigInt(deadline) },
    })
    return parseSignature(signature)
  } catch (error) {
    throw decodeContractError(error, { functionName: 'permit' })
  }
}

/** Name and version of the token's EIP-712 domain; version 1 for tokens that do not tell (ERC-5267). */
async function getDomain(
  client: ClientWithMarket,
  token: Address,
): Promise<{ name: string; version: string }> {
  const base = { abi: assayTokenAbi, address: token } as const
  try {
    const [, name, version] = await readContract(client, { ...base, functionName: 'eip712Domain' })
    return { name, version }
  } catch {
    return { name: await readContract(client, { ...base, functionName: 'name' }), version: '1' }
  }
}

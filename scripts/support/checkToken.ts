import type { NetworkConnection } from 'hardhat/types/network'
import { type Address, decodeFunctionResult, encodeFunctionData, erc20Abi, type Hex } from 'viem'

/** The most decimals with which 2^80 units of a millionth of a token are still a number of 256 bits. */
const MOST_DECIMALS = 58

/** There is no contract at the address that was named as the market's token. */
export class TokenNotDeployedError extends Error {
  constructor({ token, chainId }: { token: Address; chainId: number }) {
    super(
      `No contract is deployed at the token's address.\n\nToken: ${token}\nChain: ${chainId}\n\nCheck the address and the network, or leave \`--token\` out for a token of the market's own.`,
    )
    this.name = 'TokenNotDeployedError'
  }
}

/** The contract that was named as the market's token does not say its decimals, or more than a market can count. */
export class TokenDecimalsError extends Error {
  constructor({ token, answer }: { token: Address; answer: string }) {
    super(
      `The token's decimals are not those of an ERC-20 that a market can count.\n\nToken: ${token}\nDecimals: ${answer}\nMost: ${MOST_DECIMALS}\n\nName an ERC-20 whose \`decimals()\` answers a number up to ${MOST_DECIMALS}: the market's units follow from it.`,
    )
    this.name = 'TokenDecimalsError'
  }
}

/**
 * Whether a market can be deployed on a token: before anything is sent, since nobody can change the token of a market.
 * @returns the token's decimals
 * @throws {TokenNotDeployedError}
 * @throws {TokenDecimalsError}
 */
export async function checkToken({ provider }: NetworkConnection, token: Address): Promise<number> {
  const chainId = Number(await provider.request({ method: 'eth_chainId' }))
  const code = await provider.request({ method: 'eth_getCode', params: [token, 'latest'] })
  if (code === '0x') throw new TokenNotDeployedError({ token, chainId })
  const decimals = await readDecimals(provider, token)
  if (typeof decimals === 'string') throw new TokenDecimalsError({ token, answer: decimals })
  if (decimals > MOST_DECIMALS) throw new TokenDecimalsError({ token, answer: String(decimals) })
  return decimals
}

/** The number, or in words why there is none. */
async function readDecimals(
  provider: NetworkConnection['provider'],
  token: Address,
): Promise<number | string> {
  const call = { abi: erc20Abi, functionName: 'decimals' } as const
  let data: Hex
  try {
    data = (await provider.request({
      method: 'eth_call',
      params: [{ to: token, data: encodeFunctionData(call) }, 'latest'],
    })) as Hex
  } catch (error) {
    return `the call failed: ${(error as Error).message}`
  }
  try {
    return decodeFunctionResult({ ...call, data })
  } catch {
    return `the answer was ${data}`
  }
}

import type { Address } from 'viem'
import { getChainId, getCode } from 'viem/actions'
import { MarketNotDeployedError, WrongChainError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'

const asserted = new WeakMap<ClientWithMarket, Set<Address>>()

/**
 * Checks that the node belongs to the client's chain, and that there is a contract at the address.
 * @throws {WrongChainError | MarketNotDeployedError}
 */
export async function assertContract(client: ClientWithMarket, address: Address): Promise<void> {
  const expected = client.chain?.id
  const [actual, code] = await Promise.all([getChainId(client), getCode(client, { address })]).catch(
    (error: unknown) => {
      throw decodeContractError(error, { functionName: 'eth_chainId' })
    },
  )
  if (expected !== undefined && actual !== expected) throw new WrongChainError({ expected, actual })
  if (code === undefined || code === '0x') throw new MarketNotDeployedError({ market: address })
}

/**
 * {@link assertContract}, once for each client and address: a transaction that returns nothing succeeds where there is no
 * contract.
 */
export async function assertContractOnce(client: ClientWithMarket, address: Address): Promise<void> {
  const known = asserted.get(client) ?? new Set()
  if (known.has(address)) return
  await assertContract(client, address)
  asserted.set(client, known.add(address))
}

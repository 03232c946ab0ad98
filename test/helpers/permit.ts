import { Signature } from 'ethers'
import type { Signer } from './actors.ts'
import type { World } from './fixtures.ts'
import { chainId } from './jobs.ts'
import { PERMIT } from './typedData.ts'

/** An ERC-2612 permit of `holder` for the market, in base units. */
export async function signPermit(
  world: World,
  holder: Signer,
  value: bigint,
  deadline: bigint,
): Promise<Signature> {
  const { token, address } = world
  const verifyingContract = await token.getAddress()
  const domain = { name: await token.name(), version: '1', chainId, verifyingContract }
  const nonce = await token.nonces(holder.address)
  const message = { owner: holder.address, spender: address, value, nonce, deadline }
  return Signature.from(await holder.signTypedData(domain, { Permit: PERMIT }, message))
}

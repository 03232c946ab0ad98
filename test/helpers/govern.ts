import type { ContractTransactionResponse } from 'ethers'
import { ethers, networkHelpers } from './chain.ts'
import type { World } from './fixtures.ts'

/** How long a change waits, in seconds. */
export const TIMELOCK_DELAY = 86_400n

type Governing = 'addParameters' | 'setFeeRecipient' | 'setGuardian' | 'pausePosting' | 'resumePosting'

/** Has the timelock call the market: proposes, waits out the delay and executes; resolves with the execution. */
export async function govern(
  { market, timelock, actors }: Pick<World, 'market' | 'timelock' | 'actors'>,
  name: Governing,
  args: readonly unknown[],
): Promise<ContractTransactionResponse> {
  const data = market.interface.encodeFunctionData(name as never, args as never)
  const { ZeroHash } = ethers
  const salt = ethers.hexlify(ethers.randomBytes(32))
  const call = [await market.getAddress(), 0n, data, ZeroHash, salt] as const
  await timelock.connect(actors.owner).schedule(...call, TIMELOCK_DELAY)
  await networkHelpers.time.increase(TIMELOCK_DELAY)
  return timelock.connect(actors.owner).execute(...call)
}

import type { JobMarket } from '../../types/ethers-contracts/index.ts'
import { ethers, networkHelpers } from './chain.ts'
import type { World } from './fixtures.ts'

/** The market as its timelock calls it, at once: for tests whose jobs would not outlive the delay. */
export async function asTimelock({ market, timelock }: World): Promise<JobMarket> {
  const self = await timelock.getAddress()
  await networkHelpers.impersonateAccount(self)
  await networkHelpers.setBalance(self, 10n ** 18n)
  return market.connect(await ethers.getSigner(self))
}

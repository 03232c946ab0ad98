import { expect } from 'chai'
import { ethers, networkHelpers } from './chain.ts'
import type { World } from './fixtures.ts'
import type { Job } from './jobs.ts'
import { jobPerStatus, STATUSES, STORED, type Status, statusNumber } from './statuses.ts'

export { expectMoney, expectSolvent } from './money.ts'

/** Asserts that a call reverts with the market's error of that name and exactly these values. */
export async function expectRevert(
  world: Pick<World, 'market'>,
  sending: Promise<unknown>,
  error: string,
  values: readonly unknown[] = [],
): Promise<void> {
  await expect(sending)
    .to.be.revertedWithCustomError(world.market, error)
    .withArgs(...values)
}

/** Asserts that a value is refused by its name and its bounds. */
export async function expectOutOfRange(
  world: Pick<World, 'market'>,
  sending: Promise<unknown>,
  field: string,
  [value, min, max]: readonly [bigint, bigint, bigint],
): Promise<void> {
  const name = ethers.encodeBytes32String(field)
  await expectRevert(world, sending, 'ValueOutOfRange', [name, value, min, max])
}

type Call = (world: World, job: Job) => Promise<unknown>

/**
 * Shared behaviour of every function that moves a job: in each status that is not named it reverts with
 * `JobMarketWrongStatus`, which carries the stored status and the one that the function needs.
 */
export function itRefusesEveryStatusBut(allowed: readonly Status[], needed: Status, call: Call): void {
  for (const status of STATUSES.filter((each) => !allowed.includes(each))) {
    describe(`given a job that is ${status}`, () => {
      it(`reverts with JobMarketWrongStatus(${STORED[status]}, ${needed})`, async () => {
        const world = await networkHelpers.loadFixture(jobPerStatus)
        const job = world.jobs[status]
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber(status))
        const values = [job.jobId, statusNumber(STORED[status]), statusNumber(needed)]
        await expectRevert(world, call(world, job), 'JobMarketWrongStatus', values)
      })
    })
  }
}

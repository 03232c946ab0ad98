import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { callEverything, calledFunctions, changingFunctions } from '../helpers/everything.ts'
import { busyMarket, market18, type World } from '../helpers/fixtures.ts'
import { heldOf, known } from '../helpers/money.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { now, travelTo } from '../helpers/time.ts'

/** Everybody takes out all that is theirs. */
async function withdrawEverything(world: World): Promise<void> {
  const { market } = world
  const { addresses } = await known(world)
  const owing: string[] = []
  for (const address of addresses) {
    if ((await market.providerOf(address)).feeOwed !== 0n) owing.push(address)
  }
  if (owing.length > 0) await market.collectFees(owing)
  for (const address of addresses) {
    await networkHelpers.impersonateAccount(address)
    await networkHelpers.setBalance(address, 10n ** 18n)
    const account = market.connect(await ethers.getSigner(address))
    const { stake, locked } = await market.accountOf(address)
    if (stake !== locked) await account.unstake(stake - locked)
    const { balance } = await market.accountOf(address)
    if (balance !== 0n) await account.withdraw(address, balance)
  }
}

/** Waits until the jobs that nobody claimed have expired, and cancels them. */
async function cancelUnclaimed(world: World): Promise<void> {
  const { jobIds } = await known(world)
  for (const jobId of jobIds) {
    const { status, claimBy } = await world.market.getJob(jobId)
    if (status !== statusNumber('Open') && status !== statusNumber('Expired')) continue
    if (claimBy >= (await now())) await travelTo(claimBy + 1n)
    await world.market.cancel(jobId)
  }
}

describe('Promise 1: the market is solvent at every block, each sum exact', () => {
  for (const [title, load, gift] of [
    ['6 decimals', busyMarket, 12_345_677n],
    ['18 decimals', market18, 3n * 10n ** 18n + 1n],
  ] as const) {
    describe(`given a token of ${title} and a gift of ${gift} base units`, () => {
      let world: World

      beforeEach(async () => {
        world = await networkHelpers.loadFixture(load)
        await world.token.connect(world.actors.owner).transfer(world.address, gift)
      })

      const surplus = async () =>
        (await world.token.balanceOf(world.address)) - (await heldOf(world)) * world.unit

      // JM-1, JM-2
      it('reports the gift as a surplus that no function moves', async () => {
        await callEverything(world, async () => {
          expect(await surplus()).to.equal(gift)
          await expectSolvent(world)
        })
        expect([...(await calledFunctions(world))].sort()).to.deep.equal(changingFunctions(world).sort())
      })

      // JM-1
      it('pays out all but the reserve when everybody leaves', async () => {
        await callEverything(world, async () => {})
        await cancelUnclaimed(world)
        await withdrawEverything(world)
        const reserve = await world.market.reserve()
        expect(reserve > 0n).to.equal(true)
        expect(await heldOf(world)).to.equal(reserve)
        expect(await world.token.balanceOf(world.address)).to.equal(reserve * world.unit + gift)
      })
    })
  }

  it('takes no native currency: what cannot come in cannot get stuck', async () => {
    const { market, address, actors } = await networkHelpers.loadFixture(busyMarket)
    market.interface.forEachFunction(({ name, payable }) => {
      expect(payable, name).to.equal(false)
    })
    expect(market.interface.receive).to.equal(false)
    await expect(actors.eve.sendTransaction({ to: address, value: 1n })).to.be.revert(ethers)
  })

  // JM-9
  it('has no function for the reserve: it only ever grows', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    let last = 0n
    await callEverything(world, async () => {
      const reserve = await world.market.reserve()
      expect(reserve >= last).to.equal(true)
      last = reserve
    })
    expect(changingFunctions(world).filter((name) => /reserve/i.test(name))).to.deep.equal([])
  })
})

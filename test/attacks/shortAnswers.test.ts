import { expect } from 'chai'
import { expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { type Job, submitted, windowEnd } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { travelTo } from '../helpers/time.ts'

const LEVEL = 1n

/** A contract that answers every call with so many zero bytes: `return(0, size)`. */
async function deployZeros({ actors }: World, size: number): Promise<string> {
  const code = `60${size.toString(16).padStart(2, '0')}6000f3`
  // Puts the five bytes of code into memory, and returns them from there.
  const sent = await actors.eve.sendTransaction({ data: `0x64${code}6000526005601bf3` })
  const address = (await sent.wait())?.contractAddress
  if (!address) throw new TypeError('nothing was deployed')
  expect(await ethers.provider.getCode(address)).to.equal(`0x${code}`)
  return address
}

// The bytes that are missing are read from memory that the market used before: there stands the level, and that is 1.
describe('A hook that answers no with less than a word', () => {
  let world: World
  let hook: string
  let job: Job

  for (const size of [0, 1, 30, 31]) {
    describe(`given ${size} zero bytes`, () => {
      beforeEach(async () => {
        world = await networkHelpers.loadFixture(busyMarket)
        const { actors, parameters } = world
        hook = await deployZeros(world, size)
        const levels = [actors.hook.address, hook].map((each) => ({ hook: each, isMediated: false }))
        await govern(world, 'addParameters', [parameters, levels])
        job = await submitted(world, { terms: { level: LEVEL } })
        await travelTo(windowEnd(job) + 1n)
      })

      it('is not taken for a yes', async () => {
        const { market, actors } = world
        expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
        const settling = market.connect(actors.keeper).settle(job.jobId)
        await expectRevert(world, settling, 'JobMarketNotFinal', [job.jobId, hook])
      })
    })
  }
})

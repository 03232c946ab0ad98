import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import { type DisputeWorld, play } from '../helpers/disputes.ts'
import { LIES } from './lies.ts'
import { conclude, dispute, disputes, stageOf } from './stage.ts'

/** Whatever a result says of a task that was not so, somebody who executed the task proves it. */
describe('A result that is wrong about', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  for (const { title, limits = {}, version } of LIES) {
    it(`${title} is rejected`, async () => {
      const stage = await stageOf(world, { limits, lie: version })
      const game = await play(await dispute(stage))
      expect(game.end?.reason).to.equal('WrongStep')
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it(`${title} is what a challenger says in vain of a true one`, async () => {
      const stage = await stageOf(world, { limits })
      const game = await play(await dispute(stage), { challenger: version(stage.job.truth) })
      expect(game.end?.reason).to.equal('RightStep')
      await conclude(stage, 'Settled')
    })
  }
})

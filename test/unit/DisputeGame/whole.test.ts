import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import { type DisputeWorld, disputeMarket, openGame, play, submission } from '../../helpers/disputes.ts'
import { lieAbout } from '../../helpers/disputeVersions.ts'
import { expectSolvent } from '../../helpers/money.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'

describe('DisputeGame, whole games', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
  })

  it('rejects a wrong output', async () => {
    const job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    const game = await play(await openGame(world, job))
    expect(game.end?.reason).to.equal('WrongStep')
    expect(game.position.node.from).to.equal(77n)
    expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
    await expectSolvent(world)
    expect((await world.market.accountOf(world.game)).balance).to.equal(0n)
  })

  it('confirms a true result', async () => {
    const job = await submission(world)
    const game = await play(await openGame(world, job), {
      challenger: lieAbout(job.truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    expect(game.end?.reason).to.equal('RightStep')
    expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    await expectSolvent(world)
    expect((await world.market.accountOf(world.game)).balance).to.equal(0n)
  })
})

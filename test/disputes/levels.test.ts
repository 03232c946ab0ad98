import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import {
  type DisputeWorld,
  descend,
  descentOf,
  play,
  type SubmissionOptions,
  track,
} from '../helpers/disputes.ts'
import { lieAbout, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { ATTESTED } from '../helpers/fixtures.ts'
import { acceptedOffer, claimedSigned, keyed, windowEnd } from '../helpers/jobs.ts'
import { attestersHash, signAttestation } from '../helpers/signing.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { conclude, dispute, disputes, stageOf } from './stage.ts'

const lie = (truth: Truth): Version => lieAbout(truth, 2, { outputRoot: word('a lie') }, 21n)
const moreSteps = (truth: Truth): Version =>
  lieAbout(truth, 2, { steps: (truth.rows[2]?.steps ?? 0n) + 500n }, truth.rows[2]?.steps)

/** Every way in which a job can come to a provider, and every level at which a result can be challenged. */
describe('A dispute of a job', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  const fixed = { minBps: 10_000n, ramp: 0n }
  const ways: Record<string, SubmissionOptions> = {
    'that was posted': {},
    'whose request was signed': { begin: claimedSigned, terms: fixed },
    'whose open request was signed': {
      begin: (w, options) => claimedSigned(w, { ...options, isOpen: true }),
      terms: fixed,
    },
    'whose offer was signed': { begin: acceptedOffer, terms: fixed },
    'that is private': { begin: keyed },
    'that is metered': { terms: { meteredBps: 6_000n } },
    'of one task': { tasks: 1 },
  }

  for (const [title, options] of Object.entries(ways)) {
    const wrong = (truth: Truth) =>
      lieAbout(truth, truth.tasks === 1 ? 0 : 2, { outputRoot: word('a lie') }, 21n)

    it(`${title} rejects a false result`, async () => {
      const stage = await stageOf(world, { ...options, lie: wrong })
      const game = await play(await dispute(stage))
      expect(game.end?.reason).to.equal('WrongStep')
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it(`${title} confirms a true one`, async () => {
      const stage = await stageOf(world, options)
      const game = await play(await dispute(stage), { challenger: wrong(stage.job.truth) })
      expect(game.end?.reason).to.equal('RightStep')
      await conclude(stage, 'Settled')
    })
  }

  describe('that pays by the step', () => {
    const metered = { terms: { meteredBps: 10_000n } }
    const total = (more: bigint) => (truth: Truth) => ({ ...truth, totalSteps: truth.totalSteps + more })

    for (const more of [1n, 15_000n]) {
      it(`rejects a total of ${more} too many, which would have paid more`, async () => {
        const stage = await stageOf(world, { ...metered, lie: total(more) })
        const game = await dispute(stage)
        await track(game, descend(game, descentOf(stage.job.truth, { level: 3n }, 0, 0)))
        expect(game.end?.reason).to.equal('WrongSum')
        await conclude(stage, 'Rejected', { honest: [game.challenger] })
      })
    }

    it('rejects a task of more steps than it took', async () => {
      const stage = await stageOf(world, { ...metered, lie: moreSteps })
      const game = await play(await dispute(stage))
      expect(game.end?.reason).to.equal('WrongStep')
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it('pays for the true steps, whoever says that they were fewer', async () => {
      const stage = await stageOf(world, metered)
      const game = await play(await dispute(stage), {
        challenger: lieAbout(stage.job.truth, 2, { steps: 20n }, 19n),
      })
      expect(game.end?.reason).to.equal('RightStep')
      await conclude(stage, 'Settled')
    })
  })

  describe('at the level Attested', () => {
    const attested = () => ({
      terms: { level: ATTESTED, assurance: attestersHash([world.actors.rival.address]) },
    })
    const attest = async ({ job }: Awaited<ReturnType<typeof stageOf>>) => {
      const { rival, provider } = world.actors
      const result = commitmentOf(job.said.root, job.said.totalSteps)
      const signature = await signAttestation(world, rival, job.jobId, result)
      await world.attestation
        .connect(provider)
        .attest(world.address, job.requester, job.terms, [rival.address], 0n, signature)
    }

    for (const isAttested of [false, true]) {
      const how = isAttested ? 'attested' : 'not attested'

      it(`rejects a false result that was ${how}`, async () => {
        const stage = await stageOf(world, { ...attested(), lie })
        const game = await dispute(stage)
        if (isAttested) await attest(stage)
        const settle = world.market.connect(world.actors.owner).settle(stage.job.jobId)
        await expect(settle).to.be.revertedWithCustomError(world.market, 'JobMarketChallengeOpen')
        await play(game)
        expect(game.end?.reason).to.equal('WrongStep')
        await conclude(stage, 'Rejected', { honest: [game.challenger] })
      })

      it(`confirms a true one that was ${how}`, async () => {
        const stage = await stageOf(world, attested())
        const game = await dispute(stage)
        if (isAttested) await attest(stage)
        await play(game, { challenger: lie(stage.job.truth) })
        expect(game.end?.reason).to.equal('RightStep')
        await conclude(stage, 'Settled')
      })
    }

    it('takes a challenge until its end, if it was not settled before', async () => {
      const stage = await stageOf(world, { ...attested(), lie })
      await attest(stage)
      const game = await at(windowEnd(stage.job), () => dispute(stage))
      await play(game)
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })
  })
})

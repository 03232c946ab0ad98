import { expect } from 'chai'
import { expectOutOfRange } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters, MAX_UNITS } from '../../helpers/defaults.ts'
import { openMarket, REPLICATED, type World } from '../../helpers/fixtures.ts'
import { govern } from '../../helpers/govern.ts'
import { draft } from '../../helpers/jobs.ts'
import { packTerms, type TermsFields } from '../../helpers/terms.ts'
import { at, DAY, now } from '../../helpers/time.ts'

const MONTH = 30n * DAY

/** A market whose least times differ, so that one cannot stand in for the other. */
async function marketWithLeastTimes(): Promise<World> {
  return openMarket({ parameters: { minRun: 77n, minWindow: 99n } })
}

/** `[field, least, most]` of every number in the terms that has bounds of its own. */
const BOUNDS = [
  ['minBps', 0n, 10_000n],
  ['ramp', 0n, MONTH],
  ['run', 77n, MONTH],
  ['window', 99n, MONTH],
  ['tasks', 1n, 2n ** 32n - 1n],
  ['stepLimit', 1n, 2n ** 44n],
  ['maxOutput', 0n, 2n ** 30n],
  ['maxPages', 1n, 16_384n],
  ['meteredBps', 0n, 10_000n],
] as const

describe('JobMarket.post: bounds of the terms', () => {
  let world: World

  /** Posts by the default requester. */
  const send = async (overrides: Partial<TermsFields>) =>
    world.market.connect(world.actors.requester).post(packTerms(await draft(overrides)))

  // JM-12
  describe('given terms at the edge of a bound', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(marketWithLeastTimes)
    })

    for (const [field, min, max] of BOUNDS) {
      it(`accepts ${field} = ${min} and ${max}`, async () => {
        await send({ run: 100n, window: 100n, [field]: min })
        await send({ run: 100n, window: 100n, [field]: max })
      })

      if (min !== 0n) {
        it(`refuses ${field} = ${min - 1n}`, async () => {
          const sending = send({ run: 100n, window: 100n, [field]: min - 1n })
          await expectOutOfRange(world, sending, field, [min - 1n, min, max])
        })
      }

      if (field !== 'tasks') {
        it(`refuses ${field} = ${max + 1n}`, async () => {
          const sending = send({ run: 100n, window: 100n, [field]: max + 1n })
          await expectOutOfRange(world, sending, field, [max + 1n, min, max])
        })
      }
    }

    it('refuses a job for nothing', async () => {
      await expectOutOfRange(world, send({ maxPrice: 0n }), 'maxPrice', [0n, 1n, MAX_UNITS])
      await send({ maxPrice: 1n })
    })

    describe('when they name the rules they expect', () => {
      const first = defaultParameters.feeBps << 12n
      const times = { run: 100n, window: 100n }

      it('accepts the current set with its fee, and keeps the same', async () => {
        const terms = packTerms(await draft({ ...times, snapshot: first }))
        const { market, actors } = world
        await market.connect(actors.requester).post(terms)
        const { parametersId, feeBps } = await market.getJob(await market.jobIdOf(actors.requester, terms))
        expect([parametersId, feeBps]).to.deep.equal([0n, defaultParameters.feeBps])
      })

      for (const snapshot of [1n, 1n << 11n, 1n << 12n, 1n << 27n, first + 1n, first + (1n << 12n)]) {
        it(`refuses ${snapshot}, which is another set or another fee`, async () => {
          const sending = send({ ...times, snapshot })
          await expectOutOfRange(world, sending, 'snapshot', [snapshot, first, first])
        })
      }

      it('refuses the set that was current before', async () => {
        await govern(world, 'addParameters', [{ ...world.parameters, feeBps: 99n }, []])
        const current = 1n | (99n << 12n)
        await expectOutOfRange(world, send({ ...times, snapshot: first }), 'snapshot', [
          first,
          current,
          current,
        ])
        await send({ ...times, snapshot: current })
      })
    })

    it('refuses the bit that says that a stored job is metered', async () => {
      const terms = packTerms(await draft({ run: 100n, window: 100n, meteredBps: 5n }))
      const sending = world.market.connect(world.actors.requester).post({
        ...terms,
        rules: terms.rules | (1n << 95n),
      })
      await expectOutOfRange(world, sending, 'isMetered', [1n, 0n, 0n])
    })

    it('refuses a job of a mediated level that is metered or private', async () => {
      const times = { run: 100n, window: 100n, level: REPLICATED }
      await expectOutOfRange(world, send({ ...times, meteredBps: 1n }), 'meteredBps', [1n, 0n, 0n])
      await expectOutOfRange(world, send({ ...times, isPrivate: 1n }), 'isPrivate', [1n, 0n, 0n])
    })

    describe('when claimBy is relative to the time of the block', () => {
      let time: bigint

      beforeEach(async () => {
        time = (await now()) + 100n
      })

      for (const claimBy of [0n, 1n, MONTH - 1n, MONTH]) {
        it(`accepts ${claimBy} s after it`, async () => {
          await at(time, () => send({ claimBy: time + claimBy }))
        })
      }

      for (const claimBy of [-1n, MONTH + 1n]) {
        it(`refuses ${claimBy} s after it`, async () => {
          const sending = at(time, () => send({ claimBy: time + claimBy }))
          await expectOutOfRange(world, sending, 'claimBy', [time + claimBy, time, time + MONTH])
        })
      }
    })
  })
})

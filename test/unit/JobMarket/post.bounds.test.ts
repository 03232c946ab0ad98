import { expectOutOfRange } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { MAX_UNITS } from '../../helpers/defaults.ts'
import { openMarket, type World } from '../../helpers/fixtures.ts'
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
] as const

describe('JobMarket.post: bounds of the terms', () => {
  let world: World

  /** Posts by the default requester. */
  const send = async (overrides: Partial<TermsFields>) =>
    world.market.connect(world.actors.requester).post(packTerms(await draft(overrides)))

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

    for (const snapshot of [1n, 1n << 11n, 1n << 12n, 1n << 27n]) {
      it(`refuses the snapshot bit ${snapshot.toString(2).length - 1}, which is the contract's to set`, async () => {
        await expectOutOfRange(world, send({ snapshot }), 'snapshot', [snapshot, 0n, 0n])
      })
    }

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

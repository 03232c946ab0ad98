import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { MoneyHarness } from '../../types/ethers-contracts/index.ts'
import { expectRevert } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { CONCURRENCY, OFFERED, defaultParameters as p, TOKEN } from '../helpers/defaults.ts'
import { busyMarket, deployMarket, enlist, fund, openMarket, type World } from '../helpers/fixtures.ts'
import {
  chainId,
  claimed,
  disputed,
  draft,
  type Job,
  post,
  RESULT_ROOT,
  runBy,
  settled,
} from '../helpers/jobs.ts'
import { bondFor, exposureLimit, feeOf, splitLateness } from '../helpers/reference.ts'
import {
  daysOfFees,
  feesToKeep,
  interestToFarm,
  largestPrice,
  leastLoss,
  meteredPay,
  payOf,
  rateFor,
} from '../helpers/reputationCosts.ts'
import { page, tableBelow } from '../helpers/reputationPage.ts'
import {
  afterLate,
  attackNumbers,
  METERED,
  PRICE,
  phrases,
  reputations,
  tables,
} from '../helpers/reputationTables.ts'
import { jobIdOf, packTerms, word } from '../helpers/terms.ts'
import { at, DAY, now, travelTo } from '../helpers/time.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Early in a day, so that no midnight takes a part of a reputation by chance. */
const untilMorning = async () => travelTo(((await now()) / DAY + 1n) * DAY + 1_000n)

describe('docs/design/reputation.md', () => {
  for (const [heading, rows] of Object.entries(tables)) {
    it(`calculates right: ${heading}`, () => {
      expect(tableBelow(heading)).to.deep.equal(rows)
    })
  }

  it('calculates right between its tables', () => {
    const prose = page.replace(/\s+/g, ' ')
    for (const phrase of phrases) expect(prose).to.include(phrase)
    for (const reputation of reputations.slice(1)) {
      expect(interestToFarm(p, reputation)).to.be.greaterThan(0.83)
    }
    // a steady turnover, in units a day, and the prices that may be held at once
    for (const turnover of [TOKEN, 100n * TOKEN, 10_000n * TOKEN, 1_000_000n * TOKEN]) {
      const reputation = BigInt(Math.floor(Number(feeOf(turnover, p.feeBps)) * daysOfFees))
      expect(largestPrice(p, reputation) >= 4n * turnover, `${turnover}`).to.equal(true)
    }
  })

  it('calculates right in its attacks: every number in their gains and costs', () => {
    const numbers = (text: string) => text.match(/\d+(,\d{3})*(\.\d+)?/g) ?? []
    const left = new Set(Object.keys(attackNumbers))
    for (const [attack = '', gains = '', costs = ''] of tableBelow('Attacks')) {
      const key = [...left].find((start) => attack.startsWith(start))
      const expected = key === undefined ? [] : attackNumbers[key]
      if (key !== undefined) left.delete(key)
      expect(numbers(`${gains} ${costs}`), attack).to.deep.equal(expected)
    }
    expect([...left]).to.deep.equal([])
  })

  it('names tests that are there, and says what is to be tested', () => {
    const rows = tableBelow('Attacks')
    expect(rows.length).to.be.greaterThan(20)
    for (const [attack = '', gains = '', costs = '', tested = ''] of rows) {
      expect(Math.min(gains.length, costs.length), attack).to.be.greaterThan(2)
      const cited = [...tested.matchAll(/`((?:runner\/)?test\/[^`]+)`: \*([^*]+)\*/g)]
      if (cited.length === 0) expect(tested, attack).to.match(/^(to be tested|not on the chain)/)
      for (const [, file = '', title = ''] of cited) {
        expect(existsSync(join(root, file)), file).to.equal(true)
        expect(readFileSync(join(root, file), 'utf8'), file).to.include(title)
      }
    }
  })
})

describe('The arithmetic of reputation', () => {
  it("is the contract's", async () => {
    const harness: MoneyHarness = await ethers.deployContract('MoneyHarness')
    await harness.setParameters(p)
    for (const reputation of reputations) {
      const limit = await harness.exposureLimit(reputation)
      const price = largestPrice(p, reputation)
      const bond = await harness.bondFor(price, reputation)
      expect(limit).to.equal(exposureLimit(p, reputation))
      expect(bond).to.equal(bondFor(p, price, reputation))
      expect(await harness.bondFor(PRICE, reputation)).to.equal(bondFor(p, PRICE, reputation))
      expect([bond <= limit, (await harness.bondFor(price + 1n, reputation)) > limit]).to.deep.equal([
        true,
        true,
      ])
      expect((await harness.splitFraud(bond, price, 0n)).toReserve).to.equal(leastLoss(bond, price))
      expect((await harness.splitLateness(bond)).total).to.equal(splitLateness(p, bond).total)
      expect(await harness.afterLateness(reputation)).to.equal(afterLate(reputation, 1))
      expect(await harness.afterFraud(reputation)).to.equal(reputation / 4n)
      const faded = reputation - (await harness.decayed(reputation, 0n, DAY))
      expect(faded - feesToKeep(reputation, 1n) <= 1n, `${faded}`).to.equal(true)
    }
  })

  it('loses 44 units at most to being brought up to date every day', async () => {
    const harness: MoneyHarness = await ethers.deployContract('MoneyHarness')
    for (const reputation of [1_000n, 123_456_789n, 10n ** 15n]) {
      let daily = reputation
      for (let day = 1n; day <= 240n; day++) {
        daily = await harness.decayed(daily, 0n, DAY)
        const lost = (await harness.decayed(reputation, 0n, day * DAY)) - daily
        expect(lost >= 0n && lost <= 44n, `${lost} on day ${day}`).to.equal(true)
      }
    }
  })

  describe('of metered jobs', () => {
    it('pays the base and a rate for each step, never more than the price, never less for more steps', () => {
      const budget = METERED.tasks * METERED.stepLimit
      let before = 0n
      for (let steps = 0n; steps < 2n * budget; steps += budget / 97n) {
        const pay = meteredPay(METERED, steps)
        expect(pay >= before && pay <= PRICE, `${pay} for ${steps}`).to.equal(true)
        const rated = meteredPay(METERED, 0n) + rateFor(METERED, steps < budget ? steps : budget)
        expect(pay - rated === 0n || pay - rated === 1n, `${pay} and ${rated}`).to.equal(true)
        before = pay
      }
      expect(before).to.equal(PRICE)
    })
  })
})

describe('Farming reputation', () => {
  /** A job for oneself, from posting to acceptance, in calls of one account. */
  const selfDealt = async ({ market, address }: World, account: string, maxPrice: bigint) => {
    const terms = packTerms(await draft({ maxPrice, ramp: 0n }))
    const jobId = jobIdOf(chainId, address, account, terms)
    return [
      market.interface.encodeFunctionData('post', [terms]),
      market.interface.encodeFunctionData('claim', [jobId]),
      market.interface.encodeFunctionData('submit', [jobId, RESULT_ROOT, 1n]),
      market.interface.encodeFunctionData('accept', [jobId]),
    ]
  }

  it('costs its fees, in one transaction and with money that comes back', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { market, token, address, actors } = world
    const contract = await ethers.deployContract('CallbackAccountMock')
    const account = await contract.getAddress()
    const prices = [10n, 20n, 30n].map((amount) => amount * TOKEN)
    const borrowed = 100n * TOKEN
    await token.connect(actors.owner).transfer(account, borrowed)
    await contract.execute(
      await token.getAddress(),
      token.interface.encodeFunctionData('approve', [address, borrowed]),
    )

    const calls = [
      market.interface.encodeFunctionData('deposit', [borrowed]),
      market.interface.encodeFunctionData('updateProvider', [OFFERED, CONCURRENCY, '', word('')]),
      market.interface.encodeFunctionData('stake', [61n * TOKEN]),
    ]
    for (const price of prices) calls.push(...(await selfDealt(world, account, price)))
    const fees = prices.reduce((sum, price) => sum + feeOf(price, p.feeBps), 0n)
    calls.push(
      market.interface.encodeFunctionData('unstake', [61n * TOKEN]),
      market.interface.encodeFunctionData('withdraw', [account, borrowed - fees]),
    )
    await contract.executeAll(address, calls)

    expect((await market.providerOf(account)).reputation).to.equal(fees)
    expect(borrowed - (await token.balanceOf(account))).to.equal(fees)
    expect(fees).to.equal(600_000n)
  })

  it('costs the fee recipient nothing', async () => {
    const world = await networkHelpers.loadFixture(busyMarket)
    const { treasury } = world.actors
    await fund(world, treasury, 500n * TOKEN)
    await enlist(world, treasury, 300n * TOKEN)
    await settled(world, { requester: treasury, provider: treasury, terms: { maxPrice: PRICE, ramp: 0n } })
    await world.market.collectFees([treasury.address])
    const { balance, stake } = await world.market.accountOf(treasury)
    const { reputation } = await world.market.providerOf(treasury)
    expect([balance + stake, reputation]).to.deep.equal([500n * TOKEN, feeOf(PRICE, p.feeBps)])
  })
})

describe('Leaving with the money', () => {
  const BASE = 40n * TOKEN

  /** A provider with some reputation that has claimed all it may, in one job of a stranger. */
  const lastDay = async () => {
    const world = await openMarket({ parameters: { baseExposure: BASE } })
    const { market, actors } = world
    await untilMorning()
    const farmed = { requester: actors.provider, terms: { maxPrice: 20n * TOKEN - 10_000n, ramp: 0n } }
    for (let i = 0; i < 5; i++) await settled(world, farmed)
    const { reputation } = await market.providerOf(actors.provider)
    const rules = { ...p, baseExposure: BASE }
    const maxPrice = largestPrice(rules, reputation)
    return { world, rules, reputation, maxPrice, bond: bondFor(rules, maxPrice, reputation) }
  }

  // JM-51
  it('takes no more than the limit, and loses half of the bonds where it is found', async () => {
    const { world, rules, reputation, maxPrice, bond } = await lastDay()
    const { market, actors } = world
    const limit = exposureLimit(rules, reputation)
    const tooDear = await post(world, { terms: { maxPrice: maxPrice + 1n, ramp: 0n } })
    await expectRevert(
      world,
      market.connect(actors.provider).claim(tooDear.jobId),
      'ProvidersExposureExceeded',
      [actors.provider.address, 0n, bondFor(rules, maxPrice + 1n, reputation), limit],
    )
    const job = await disputed(world, { terms: { maxPrice, ramp: 0n } })
    const dust = await post(world, { terms: { maxPrice: 1n, ramp: 0n } })
    await expectRevert(
      world,
      market.connect(actors.provider).claim(dust.jobId),
      'ProvidersExposureExceeded',
      [actors.provider.address, bond, bondFor(rules, 1n, reputation), limit],
    )

    const wealth = async () => {
      const [provider, hook] = [await market.accountOf(actors.provider), await market.accountOf(actors.hook)]
      return provider.balance + provider.stake + hook.balance
    }
    const before = await wealth()
    const requester = (await market.accountOf(actors.requester)).balance
    await market.connect(actors.hook).reject(job.jobId, bond)
    expect(before - (await wealth()) >= leastLoss(bond, maxPrice)).to.equal(true)
    expect((await market.accountOf(actors.requester)).balance >= requester + maxPrice).to.equal(true)
    expect((await market.providerOf(actors.provider)).reputation).to.equal(reputation / 4n)
  })

  it('takes the pay where nobody looks, and gets the stake back', async () => {
    const { world, maxPrice } = await lastDay()
    const { market, actors } = world
    const before = await market.accountOf(actors.provider)
    const job = await claimed(world, { terms: { maxPrice, ramp: 0n } })
    await market.connect(actors.provider).submit(job.jobId, RESULT_ROOT, 1n)
    await market.connect(actors.requester).accept(job.jobId)
    const after = await market.accountOf(actors.provider)
    expect(after.balance - before.balance).to.equal(payOf(p, maxPrice))
    expect([after.stake, after.locked]).to.deep.equal([before.stake, 0n])
  })
})

describe('An outage', () => {
  it('loses a quarter with each late job, however small', async () => {
    const world = await deployMarket()
    const { market, actors } = world
    await fund(world, actors.requester, 200n * TOKEN)
    await fund(world, actors.provider, 300n * TOKEN)
    await enlist(world, actors.provider, 300n * TOKEN)
    await untilMorning()
    await settled(world, { terms: { maxPrice: PRICE, ramp: 0n } })
    const { reputation } = await market.providerOf(actors.provider)
    const jobs: Job[] = []
    for (let i = 0; i < 10; i++)
      jobs.push(await claimed(world, { claimAfter: 1n, terms: { maxPrice: 1n, ramp: 0n } }))
    await at(runBy(jobs.at(-1)!) + 1n, () => market.fail(jobs[0]!.jobId))
    for (const { jobId } of jobs.slice(1)) await market.fail(jobId)
    expect((await market.providerOf(actors.provider)).reputation).to.equal(afterLate(reputation, 10))
  })
})

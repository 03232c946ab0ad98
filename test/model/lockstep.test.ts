/**
 * Stateful fuzz: random calls, made to the model and to the contracts in lockstep. See test/invariant/README.md.
 *
 *   FUZZ_ACTIONS=100000 npx hardhat test mocha test/model/lockstep.test.ts     as deep as wanted
 *   FUZZ_SEED=42 npx hardhat test mocha test/model/lockstep.test.ts            the same again
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { type Action, act, describeAction } from './actions.ts'
import { GENESIS, type Hooks, MarketChain } from './chain.ts'
import { ActionSource } from './drawing.ts'
import { Lockstep } from './lockstep.ts'
import { Pool } from './pool.ts'
import { Random } from './random.ts'
import { ReplicatedMarket } from './replication.ts'
import { Tally } from './tally.ts'
import type { Address, Terms } from './terms.ts'
import type { RuleSet } from './types.ts'

const ACTIONS = Number(process.env.FUZZ_ACTIONS ?? 5_000)
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32))
/** From here on, every transition must have been taken. */
const ENOUGH = 5_000
/** Each market lives this long at the most; tokens of 6 and of 18 decimals take turns. */
const ACTIONS_PER_MARKET = 2_500
const PEOPLE = 10
const GUARDIAN = 7
const FEE_RECIPIENT = 1
const UNLIMITED = 2n ** 256n - 1n

const firstRules = (hooks: Hooks): RuleSet => ({
  ...{ feeBps: 100, bondBps: 10_000, surchargeBps: 10_000, latenessBps: 2_000, minBond: 1_000_000n },
  ...{ baseExposure: 2n ** 72n, minRun: 2, minWindow: 2, lateRequesterGas: 20_000n, lateKeeperGas: 10_000n },
  keyTime: 7_200,
  levels: [
    { hook: hooks.players[0]!, isMediated: false },
    { hook: hooks.attestation, isMediated: false },
    { hook: hooks.replication, isMediated: true },
    { hook: hooks.scripted[0]!, isMediated: false },
  ],
})

describe('The market in lockstep with its model', () => {
  const tally = new Tally()

  // JM-1, JM-2, JM-8, JM-9, JM-42, JM-43, JM-49, JM-50, JM-52, JM-53, JM-54
  it('does what the model does, and keeps the invariants', async function () {
    this.timeout(0)
    console.log(`      FUZZ_SEED=${SEED} FUZZ_ACTIONS=${ACTIONS}`)
    const random = new Random(SEED)
    for (let episode = 0; tally.actions < ACTIONS; episode++) {
      await oneMarket(random, episode, Math.min(ACTIONS, tally.actions + ACTIONS_PER_MARKET), tally)
    }
    // What chance has left out gets another chance.
    for (let episode = 0; ACTIONS >= ENOUGH && tally.missing().length > 0 && episode < 10; episode++) {
      await oneMarket(random, episode, tally.actions + 1_000, tally)
    }
  })

  it('has tried enough to mean something', function () {
    console.log(`${tally}`)
    if (ACTIONS < ENOUGH) this.skip()
    expect(tally.succeeded / tally.actions).to.be.at.least(0.5)
    expect(tally.missing()).to.deep.equal([])
    expect(tally.unknown()).to.deep.equal([])
  })
})

/** A market from its deployment to the day when everyone has left it. */
async function oneMarket(random: Random, episode: number, until: number, tally: Tally): Promise<void> {
  const decimals = episode % 2 === 0 ? 6 : 18
  const supply = 2n ** 81n
  const parties = { people: PEOPLE, guardian: GUARDIAN, feeRecipient: FEE_RECIPIENT }
  const chain = await MarketChain.deploy({ decimals, supply, rules: firstRules, ...parties })
  const people = chain.people.slice(0, -1)
  const stranger = chain.people.at(-1)!
  const market = newMarket(chain, supply)
  const both = await Lockstep.from(chain, market)
  const source = new ActionSource(new Pool(random, market, people, chain.contracts), tally.drawn)
  try {
    for (const action of opening(people, market.now)) await both.step(action)
    while (tally.actions < until) {
      await both.step(source.next(), tally)
      if (tally.actions % 10 === 0)
        await both.compareQuote(random.pick([zeroHash, ...market.jobs.keys()]), random.pick(people))
      if (tally.actions % 100 === 0) await both.compareAll()
      if (tally.actions % 500 === 0) await aside(both, stranger, random)
    }
    await both.bringToAnEnd(stranger, random)
    await both.leave()
    await both.fade(people[0]!, stranger, usualTerms(market.now))
  } catch (error) {
    console.log(story(error, both.history, chain, tally))
    throw error
  } finally {
    await chain.close()
  }
}

/** The model of a market just deployed. */
function newMarket(chain: MarketChain, supply: bigint): ReplicatedMarket {
  const { chainId, unit, people, contracts } = chain
  const { market: address, ...others } = contracts
  const parties = { guardian: people[GUARDIAN]!, feeRecipient: people[FEE_RECIPIENT]! }
  const market = new ReplicatedMarket({ chainId, address, unit, ...others, ...parties })
  market.now = GENESIS + 3_600
  for (const person of people) if (!contracts.players.includes(person)) market.codeless.add(person)
  market.addParameters(market.timelock, firstRules(contracts))
  for (const person of people) market.wallet(person).tokens = supply * unit
  return market
}

/** Most are rich, one has little stake and one has none. */
function opening(people: readonly Address[], now: number): Action[] {
  const resources = { cores: 16, memory: 256, disk: 100 }
  return people.flatMap((person, i) => {
    const stake = i === 5 ? 0n : i === 4 ? 10n ** 9n : 2n ** 70n
    return [
      act('approve', person, now, UNLIMITED),
      act('deposit', person, now, stake + 2n ** BigInt(40 + 3 * i)),
      act('stake', person, now, stake),
      act('updateProvider', person, now, resources, 50, '', `0x${'00'.repeat(32)}`),
    ]
  })
}

function usualTerms(now: number): Terms {
  return {
    ...{ programId: zeroHash, inputsRoot: zeroHash, sharedInput: zeroHash, dataUri: '' },
    ...{
      maxPrice: 1n,
      minBps: 10_000,
      isPrivate: false,
      meteredBit: 0,
      ramp: 0,
      run: 3_600,
      window: 3_600,
      claimBy: now + 3_600,
    },
    ...{ minReputation: 0n, floor: { cores: 1, memory: 1, disk: 1 }, level: 0, snapshot: 0 },
    ...{ tasks: 1, stepLimit: 1n, maxOutput: 0n, maxPages: 1, meteredBps: 0, nonce: 0n, assurance: zeroHash },
  }
}

/** What would happen if everybody stopped here: tried, and undone. */
async function aside(both: Lockstep, stranger: Address, random: Random): Promise<void> {
  const snapshot = await both.chain.snapshot()
  const asOf = both.history.length
  const branch = both.branch()
  await branch.bringToAnEnd(stranger, random)
  both.history.length = asOf
  await both.chain.revert(snapshot)
}

/** What led to a failure, and how to see it again. */
function story(error: unknown, history: readonly Action[], chain: MarketChain, tally: Tally): string {
  const { market, timelock, scripted } = chain.contracts
  const names = new Map<Address, string>([
    [market, 'market'],
    [timelock, 'timelock'],
    ...chain.people.map((person, i): [Address, string] => [person, `person${i}`]),
    ...scripted.map((hook, i): [Address, string] => [hook, `hook${i}`]),
  ])
  const nameOf = (address: Address) => names.get(address) ?? address
  return [
    `Failed after ${tally.actions} actions: ${error instanceof Error ? error.message : error}`,
    'The last ones were',
    ...history.slice(-20).map((action) => `  ${describeAction(action, nameOf)}`),
    `Again: FUZZ_SEED=${SEED} FUZZ_ACTIONS=${ACTIONS} npx hardhat test mocha test/model/lockstep.test.ts`,
  ].join('\n')
}

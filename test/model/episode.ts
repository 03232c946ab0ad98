/** A market from its deployment to the day when everyone has left it: random calls, made to the model and to the contracts. */
import { zeroHash } from 'viem'
import { type Action, act, describeAction } from './actions.ts'
import { GENESIS, type Hooks, MarketChain } from './chain.ts'
import { ActionSource } from './drawing.ts'
import { Lockstep } from './lockstep.ts'
import { Pool } from './pool.ts'
import type { Random } from './random.ts'
import { ReplicatedMarket } from './replication.ts'
import type { Tally } from './tally.ts'
import type { Address, Terms } from './terms.ts'
import type { RuleSet } from './types.ts'

/** How many random calls a market lives through: enough for every state, few enough that the chain stays small. */
export const ACTIONS_PER_EPISODE = 2_500

const PEOPLE = 10
const GUARDIAN = 7
const FEE_RECIPIENT = 1
const SUPPLY = 2n ** 81n
const UNLIMITED = 2n ** 256n - 1n

/** Model and contracts differed, or an invariant broke. */
export class EpisodeError extends Error {
  override readonly name = 'EpisodeError'
  /** Every action since the deployment, one line each; the last one is where it failed. */
  readonly actions: readonly string[]

  constructor(cause: unknown, actions: readonly string[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.actions = actions
  }
}

/**
 * Runs one market, and counts in `tally` what happened.
 *
 * @param decimals - Of the token, at least 6.
 * @param actions - How many random calls; about a fifth as many come on top, to bring it to its end.
 * @throws {EpisodeError} at the first difference
 */
export async function runEpisode(
  random: Random,
  decimals: number,
  actions: number,
  tally: Tally,
): Promise<void> {
  const parties = { people: PEOPLE, guardian: GUARDIAN, feeRecipient: FEE_RECIPIENT }
  // every other market begins with the dispute game, the rest with somebody who says who is right
  const rules = (hooks: Hooks) => firstRules(hooks, decimals > 6)
  const chain = await MarketChain.deploy({ decimals, supply: SUPPLY, rules, ...parties })
  const people = chain.people.slice(0, -1)
  const stranger = chain.people.at(-1)!
  const market = newMarket(chain, rules)
  const both = await Lockstep.from(chain, market)
  const source = new ActionSource(new Pool(random, market, people, chain.contracts), tally.drawn)
  const until = tally.actions + actions
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
    const nameOf = namesIn(chain)
    throw new EpisodeError(
      error,
      both.history.map((action) => describeAction(action, nameOf)),
    )
  } finally {
    await chain.close()
  }
}

function firstRules(hooks: Hooks, hasGame: boolean): RuleSet {
  return {
    ...{ feeBps: 100, bondBps: 10_000, surchargeBps: 10_000, latenessBps: 2_000, minBond: 1_000_000n },
    ...{
      baseExposure: 2n ** 72n,
      minRun: 2,
      minWindow: 2,
      lateRequesterGas: 20_000n,
      lateKeeperGas: 10_000n,
    },
    keyTime: 7_200,
    levels: [
      { hook: hasGame ? hooks.game : hooks.players[0]!, isMediated: false },
      { hook: hooks.attestation, isMediated: false },
      { hook: hooks.replication, isMediated: true },
      ...(hasGame ? [] : [{ hook: hooks.scripted[0]!, isMediated: false }]),
    ],
  }
}

/** The model of a market just deployed. */
function newMarket(chain: MarketChain, rules: (hooks: Hooks) => RuleSet): ReplicatedMarket {
  const { chainId, unit, people, contracts } = chain
  const { market: address, scripted: receivers, ...others } = contracts
  const parties = { guardian: people[GUARDIAN]!, feeRecipient: people[FEE_RECIPIENT]! }
  const market = new ReplicatedMarket({ chainId, address, unit, receivers, ...others, ...parties })
  market.now = GENESIS + 3_600
  for (const person of people) if (!contracts.players.includes(person)) market.codeless.add(person)
  market.addParameters(market.timelock, rules(contracts))
  for (const person of people) market.wallet(person).tokens = SUPPLY * unit
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

/** What accounts and contracts are called in a list of actions. */
function namesIn(chain: MarketChain): (address: Address) => string {
  const { market, timelock, game, scripted } = chain.contracts
  const names = new Map<Address, string>([
    [market, 'market'],
    [timelock, 'timelock'],
    [game, 'game'],
    ...chain.people.map((person, i): [Address, string] => [person, `person${i}`]),
    ...scripted.map((hook, i): [Address, string] => [hook, `hook${i}`]),
  ])
  return (address) => names.get(address) ?? address
}

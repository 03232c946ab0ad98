import { getGameRules, getGames, getLevel, getParameters, type MarketClient } from 'assay'
import {
  type DisputeNode,
  type Disputes,
  type Game,
  type GameReason,
  type GameRules,
  nodeIdOf,
  type Turns,
  turnsOf,
} from 'assay/dispute'
import { InvalidArgumentError } from 'commander'
import { type Address, zeroAddress } from 'viem'
import { UsageError } from '../errors.ts'
import { count, grouped } from './output.ts'

/** Everything that was disputed on a market, with the rules of each game's contract. */
export type MarketDisputes = Disputes & { rules: ReadonlyMap<Address, GameRules> }

/** Reads the games of every contract that decides, or decided, disputes of the market. */
export async function readDisputes(client: MarketClient): Promise<MarketDisputes> {
  const { id: newest } = await getParameters(client)
  const sets = Array.from({ length: newest + 1 }, (_, id) => id)
  const levels = await Promise.all(
    sets.map((parametersId) => getLevel(client, { level: 'optimistic', parametersId })),
  )
  const contracts = [...new Set(levels.map(({ hook }) => hook))].filter((hook) => hook !== zeroAddress)
  const all = await Promise.all(contracts.map((game) => getGames(client, { game })))
  const rules = await Promise.all(contracts.map((game) => getGameRules(client, { game })))
  return {
    games: all.flatMap(({ games }) => games),
    postings: new Map(all.flatMap(({ postings }) => [...postings])),
    rules: new Map(contracts.map((game, i) => [game, rules[i] as GameRules])),
  }
}

/** The beginning of the id of a game, or of the job that it is about. */
export function parseGameId(text: string): string {
  if (!/^0x[0-9a-f]{4,64}$/i.test(text))
    throw new InvalidArgumentError('A game is 0x and 64 hex digits, or the first four of them and more.')
  return text.toLowerCase()
}

/**
 * The games that an id means: one of its own, or those about a job.
 * @throws UsageError for none, or for several where one is wanted
 */
export function findGames(games: readonly Game[], id: string): readonly [Game, ...Game[]] {
  const found = games.filter(({ gameId, position }) =>
    [gameId, position.claim.jobId].some((each) => each.toLowerCase().startsWith(id)),
  )
  const [first, ...others] = found
  if (first !== undefined) return [first, ...others]
  throw new UsageError({
    message: `There is no game ${id}, and none about a job ${id}.`,
    remedy: '`assay dispute list --all` shows every game.',
  })
}

/** Whose turn it is; null when the game is over. */
export function turnIn(game: Game, { postings, rules }: MarketDisputes): Turns | null {
  if (game.status !== 'open') return null
  const { market, jobId } = game.position.claim
  const posting = postings.get(nodeIdOf({ market, jobId, node: game.position.node }))
  return turnsOf(game.position, posting, rules.get(game.game) as GameRules)
}

/** A part of a claim in words: `tasks 32–63`, `steps 0–921 of task 2`. */
export function nodeText(node: DisputeNode, tasks: number): string {
  const { isTrace, level, index, from, to, steps } = node
  if (isTrace) {
    if (to - from === 1n) return `step ${grouped(from)} of task ${index}`
    return `steps ${grouped(from)}–${grouped(to)} of task ${index} (${grouped(steps)} in all)`
  }
  if (level === 0) return `result of task ${index}`
  const first = index * 2 ** level
  const last = Math.min(first + 2 ** level, tasks) - 1
  if (first > last) return 'padding beyond the last task'
  return last - first + 1 === tasks ? `all ${count(tasks, 'task')}` : `tasks ${first}–${last}`
}

/** Why a game ended, in words. */
export const reasons: Readonly<Record<GameReason, string>> = {
  providerLate: 'the provider posted nothing in time',
  wrongSum: 'the steps of a node do not add up',
  wrongPadding: 'a leaf beyond the last task is not empty',
  wrongTask: 'a leaf is that of another task',
  wrongRow: 'no task of the job can have that result',
  wrongStep: 'the step leads elsewhere: the result is wrong',
  rightStep: 'the step is right: the challenge was wrong',
  challengerLate: 'the challenger made no move in time',
}

import { type Address, decodeEventLog, type Hex, type Log, zeroHash } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { ContractEventArgs } from '../utils/contractEvents.ts'
import { nodeIdOf } from './ids.ts'
import type { PostedData } from './moves.ts'
import { readStates, segmentsOf } from './split.ts'
import {
  type ChallengerMoveName,
  challengerMoveNames,
  type DisputeNode,
  type DisputePosition,
  type GameReason,
  gameReasons,
} from './types.ts'

/** Where something stands on the chain. */
export type Place = { blockNumber: bigint; transactionHash: Hex; logIndex: number }

/** A node that a game came to, and how. */
export type Arrival = Place & {
  move: 'open' | ChallengerMoveName
  node: DisputeNode
  arrivedAt: number
}

/**
 * How a game stands: `open`; `won` or `lost` by itself; `collectable` when another game about the claim was won, until its
 * bond is `collected`.
 */
export type GameStatus = 'open' | 'won' | 'lost' | 'collectable' | 'collected'

/** One challenger's dispute of one claim, rebuilt from events. */
export type Game = {
  gameId: Hex
  /** The contract. */
  game: Address
  challenger: Address
  /** Where it stands, or stood last. */
  position: DisputePosition
  /** Units. */
  bond: bigint
  /** How many postings the provider made for it. */
  posts: number
  status: GameStatus
  /** Every node that it came to, the root first. */
  path: readonly Arrival[]
  /** Why it ended; undefined while it is open, and where another game decided. */
  reason?: GameReason | undefined
  /** Units that the challenger got at the end, its bond included. */
  paid?: bigint | undefined
  /** Units that the bond of a lost game went to. */
  forfeited?: { toProvider: bigint; toReserve: bigint } | undefined
  endedIn?: Place | undefined
}

/** What was posted about a node, for which game and where. */
export type Posted = PostedData & Place & { nodeId: Hex; gameId: Hex }

/** Every game and every posting that some events tell of. */
export type Disputes = {
  /** In the order of their opening. A challenger that lost may open the same game again: that is another entry. */
  games: readonly Game[]
  postings: ReadonlyMap<Hex, Posted>
}

type EventName = 'GameOpened' | 'GameMoved' | 'NodePosted' | 'GameWon' | 'GameLost' | 'GameCollected'

/** An event of a dispute game. */
export type DisputeEvent = Place & { game: Address } & {
    [name in EventName]: { eventName: name; args: ContractEventArgs<typeof disputeGameAbi, name> }
  }[EventName]

export const noDisputes: Disputes = { games: [], postings: new Map() }

/** Decodes a log of a dispute game; undefined for one that is none of its events, or is pending. */
export function decodeDisputeEvent(log: Log): DisputeEvent | undefined {
  const { address: game, blockNumber, logIndex, transactionHash } = log
  if (blockNumber === null || logIndex === null || transactionHash === null) return undefined
  try {
    const { data, topics } = log
    const event = decodeEventLog({ abi: disputeGameAbi, data, topics, strict: true })
    return { ...event, game, blockNumber, logIndex, transactionHash } as DisputeEvent
  } catch {
    return undefined
  }
}

/** The games after some more events, which are in the order of the chain. */
export function foldDisputes(disputes: Disputes, events: readonly DisputeEvent[]): Disputes {
  const games = [...disputes.games]
  const postings = new Map(disputes.postings)
  const current = new Map<string, number>()
  for (const [index, { game, gameId }] of games.entries()) current.set(keyOf(game, gameId), index)

  for (const event of events) {
    const { game, blockNumber, logIndex, transactionHash, args } = event
    const place: Place = { blockNumber, logIndex, transactionHash }
    const key = keyOf(game, args.gameId)
    const change = (changes: (known: Game) => Partial<Game>) => {
      const index = current.get(key)
      // a game that began before these events
      if (index !== undefined) games[index] = { ...games[index]!, ...changes(games[index]!) }
    }
    switch (event.eventName) {
      case 'GameOpened': {
        const { gameId, challenger, position, bond } = event.args
        const path: Arrival[] = [
          { move: 'open', node: position.node, arrivedAt: position.arrivedAt, ...place },
        ]
        current.set(key, games.length)
        games.push({ gameId, game, challenger, position, bond, posts: 0, status: 'open', path })
        break
      }
      case 'GameMoved': {
        const { move, position } = event.args
        const { node, arrivedAt } = position
        const arrival: Arrival = { move: challengerMoveNames[move]!, node, arrivedAt, ...place }
        change(({ path }) => ({ position, path: [...path, arrival] }))
        break
      }
      case 'NodePosted': {
        const { nodeId, gameId, postedAt, data } = event.args
        // it is made for the node at which the game stands
        change(({ position, posts }) => {
          const root = rootOf(position.node, data)
          postings.set(nodeId, { nodeId, gameId, root, postedAt: Number(postedAt), data, ...place })
          return { posts: posts + 1 }
        })
        break
      }
      case 'GameWon': {
        const { reason, paid, jobId } = event.args
        change(() => ({ status: 'won', reason: gameReasons[reason], paid, endedIn: place }))
        for (const [index, other] of games.entries())
          if (
            other.status === 'open' &&
            isSame(other, { game, jobId, market: marketOf(games, current.get(key)) })
          )
            games[index] = { ...other, status: 'collectable' }
        break
      }
      case 'GameLost': {
        const { reason, toProvider, toReserve } = event.args
        const forfeited = { toProvider, toReserve }
        change(() => ({ status: 'lost', reason: gameReasons[reason], forfeited, endedIn: place }))
        break
      }
      case 'GameCollected': {
        const { bond, reward } = event.args
        change(() => ({ status: 'collected', paid: bond + reward, endedIn: place }))
        break
      }
    }
  }
  return { games, postings }
}

/** What was posted about the nodes that a game came to, in their order; undefined where nothing was. */
export function postingsOnPath(
  { path, position }: Game,
  postings: Disputes['postings'],
): (Posted | undefined)[] {
  const { market, jobId } = position.claim
  return path.map(({ node }) => postings.get(nodeIdOf({ market, jobId, node })))
}

/** The root that the contract keeps of a posting. */
function rootOf(node: DisputeNode, data: Hex): Hex {
  return node.isTrace ? segmentsOf(readStates(node, data)).root : zeroHash
}

function keyOf(game: Address, gameId: Hex): string {
  return `${game.toLowerCase()} ${gameId}`
}

function marketOf(games: readonly Game[], index: number | undefined): Address | undefined {
  return index === undefined ? undefined : games[index]!.position.claim.market
}

function isSame(
  { game, position }: Game,
  claim: { game: Address; jobId: Hex; market: Address | undefined },
): boolean {
  const { market, jobId } = position.claim
  return jobId === claim.jobId && market === claim.market && game.toLowerCase() === claim.game.toLowerCase()
}

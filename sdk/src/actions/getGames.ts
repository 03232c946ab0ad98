import { type Address, encodeEventTopics, type Hex } from 'viem'
import { disputeGameAbi } from '../abis.ts'
import {
  type DisputeEvent,
  type Disputes,
  decodeDisputeEvent,
  foldDisputes,
  noDisputes,
} from '../dispute/games.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { getNewestBlockNumber } from '../utils/blocks.ts'
import { getDeployment } from '../utils/market.ts'
import { scanLogs } from '../utils/scanLogs.ts'

export type GetGamesParameters = MarketParameter & {
  /** Address of the dispute game. */
  game: Address
  /** @default those about every job */
  jobId?: Hex | undefined
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
  /** @default the newest */
  toBlock?: bigint | undefined
}

/** Games in the order of their opening, and what was posted. */
export type GetGamesReturnType = Disputes

export type GetGamesErrorType = ReadMarketErrorType

/**
 * Reads the disputes of the market's jobs out of events: every game, where it stands, and what was posted for it.
 *
 * @example
 * const { games } = await client.getGames({ game, jobId })
 */
export async function getGames(
  client: ClientWithMarket,
  parameters: GetGamesParameters,
): Promise<GetGamesReturnType> {
  const { game, jobId } = parameters
  const { market, fromBlock: deployed } = getDeployment(client, parameters)
  const range = {
    fromBlock: parameters.fromBlock ?? deployed,
    toBlock: parameters.toBlock ?? (await getNewestBlockNumber(client)),
  }
  const all = await readDisputeEvents(client, game, range, jobId)
  const disputes = foldDisputes(noDisputes, all)
  return {
    ...disputes,
    games: disputes.games.filter(
      ({ position }) => position.claim.market.toLowerCase() === market.toLowerCase(),
    ),
  }
}

/** Events of a dispute game in a range of blocks, in their order. */
export async function readDisputeEvents(
  client: ClientWithMarket,
  game: Address,
  range: { fromBlock: bigint; toBlock: bigint },
  jobId?: Hex | undefined,
): Promise<DisputeEvent[]> {
  const read = async (topics?: readonly (Hex | readonly Hex[] | null)[]) => {
    const events: DisputeEvent[] = []
    for await (const { logs } of scanLogs(client, { address: game, topics }, range))
      for (const log of logs) {
        const event = decodeDisputeEvent(log)
        if (event !== undefined) events.push(event)
      }
    return events
  }
  if (jobId === undefined) return read()
  const opened = await read([topicOf('GameOpened'), null, jobId])
  const gameIds = [...new Set(opened.map(({ args }) => args.gameId))]
  if (gameIds.length === 0) return []
  const own = [topicOf('GameMoved'), topicOf('GameWon'), topicOf('GameLost'), topicOf('GameCollected')]
  const rest = await Promise.all([read([own, gameIds]), read([topicOf('NodePosted'), null, gameIds])])
  return [opened, ...rest].flat().sort(inOrder)
}

function inOrder(left: DisputeEvent, right: DisputeEvent): number {
  return Number(left.blockNumber - right.blockNumber) || left.logIndex - right.logIndex
}

function topicOf(
  eventName: 'GameOpened' | 'GameMoved' | 'NodePosted' | 'GameWon' | 'GameLost' | 'GameCollected',
): Hex {
  return encodeEventTopics({ abi: disputeGameAbi, eventName })[0]
}

import { formatAmount } from 'assay'
import { type Game, postingsOnPath } from 'assay/dispute'
import { Command } from 'commander'
import {
  findGames,
  type MarketDisputes,
  nodeText,
  parseGameId,
  readDisputes,
  reasons,
  turnIn,
} from '../cli/games.ts'
import { type ChainOptions, clientFor, withChain } from '../cli/options.ts'
import { facts, print, shortHash, table, timestamp } from '../cli/output.ts'
import { type Explanation, explain } from './explain.ts'

/** `assay dispute`: the games about results, as the chain tells of them; needs no key. */
export function disputeCommand(): Command {
  const command = new Command('dispute').description('games about results that somebody challenged')
  withChain(command.command('list', { isDefault: true }))
    .description('games that go on')
    .option('--all', 'also those that are over')
    .addHelpText('after', '\nExample:\n  assay dispute list --all')
    .action(async (options: ChainOptions & { all?: boolean }) => {
      const disputes = await readDisputes(await clientFor(options))
      const games = disputes.games.filter(
        ({ status }) => options.all || status === 'open' || status === 'collectable',
      )
      print(
        options,
        games.map((game) => asJson(game, disputes)),
        listOf(games, disputes),
      )
    })
  withChain(command.command('show'))
    .description('a game move by move')
    .argument('<game>', 'game, or the job it is about; its first digits suffice', parseGameId)
    .addHelpText('after', '\nExample:\n  assay dispute show 0x3f20')
    .action(async (id: string, options: ChainOptions) => {
      const disputes = await readDisputes(await clientFor(options))
      const games = findGames(disputes.games, id)
      const json = games.map((game) => ({ ...asJson(game, disputes), moves: movesOf(game, disputes) }))
      print(options, json, games.map((game) => shown(game, disputes)).join('\n\n'))
    })
  withChain(command.command('explain'))
    .description('a game down to the disputed instruction, with its operands and what each side says')
    .argument('<game>', 'game, or the job it is about; its first digits suffice', parseGameId)
    .addHelpText('after', '\nExample:\n  assay dispute explain 0x3f20')
    .action(async (id: string, options: ChainOptions) => {
      const client = await clientFor(options)
      const disputes = await readDisputes(client)
      const games = findGames(disputes.games, id)
      const explained: Explanation[] = []
      for (const game of games) explained.push(await explain(client, game, disputes))
      const json = games.map((game, i) => ({ ...asJson(game, disputes), ...explained[i]?.json }))
      const text = games.map((game, i) => `${shown(game, disputes)}\n\n${explained[i]?.text}`)
      print(options, json, text.join('\n\n'))
    })
  return command
}

function listOf(games: readonly Game[], disputes: MarketDisputes): string {
  if (games.length === 0) return 'No games.'
  const rows = games.map((game) => {
    const { gameId, position, challenger, bond } = game
    const { claim, node } = position
    return [
      shortHash(gameId),
      shortHash(claim.jobId),
      shortHash(claim.provider),
      shortHash(challenger),
      formatAmount(bond),
      nodeText(node, claim.tasks),
      standOf(game, disputes),
    ]
  })
  return table(['Game', 'Job', 'Provider', 'Challenger', 'Bond', 'About', 'Stands'], rows)
}

/** How a game stands, in a few words. */
function standOf(game: Game, disputes: MarketDisputes): string {
  const turn = turnIn(game, disputes)
  if (turn !== null) return `${turn.turn}'s turn until ${timestamp(turn.deadline)}`
  const { status, reason } = game
  if (status === 'collectable') return 'claim rejected, bond and reward to be collected'
  return reason === undefined ? status : `${status}: ${reasons[reason]}`
}

function shown(game: Game, disputes: MarketDisputes): string {
  const { gameId, position, challenger, bond, paid, forfeited } = game
  const { claim } = position
  const head = facts([
    ['Game', gameId],
    ['Job', claim.jobId],
    ['Provider', claim.provider],
    ['Challenger', challenger],
    ['Bond', formatAmount(bond)],
    ['Stands', standOf(game, disputes)],
    ...(paid === undefined
      ? []
      : [['Paid', `${formatAmount(paid)} to the challenger, its bond included`] as const]),
    ...(forfeited === undefined
      ? []
      : [
          [
            'Forfeited',
            `${formatAmount(forfeited.toProvider)} to the provider, ${formatAmount(forfeited.toReserve)} to the reserve`,
          ] as const,
        ]),
  ])
  const rows = movesOf(game, disputes).map(({ time, by, move, about }) => [timestamp(time), by, move, about])
  return `${head}\n\n${table(['Time', 'By', 'Move', 'About'], rows)}`
}

type MoveLine = {
  time: number
  by: 'challenger' | 'provider'
  move: string
  about: string
  transactionHash: string
}

/** What both sides did, in order. Postings that another game's challenger asked for count here as well. */
function movesOf(game: Game, { postings }: MarketDisputes): MoveLine[] {
  const { tasks } = game.position.claim
  const posted = postingsOnPath(game, postings)
  return game.path.flatMap(({ move, node, arrivedAt, transactionHash }, i): MoveLine[] => {
    const about = nodeText(node, tasks)
    const posting = posted[i]
    return [
      { time: arrivedAt, by: 'challenger', move, about, transactionHash },
      ...(posting === undefined
        ? []
        : [
            {
              time: posting.postedAt,
              by: 'provider',
              move: 'post',
              about,
              transactionHash: posting.transactionHash,
            } as const,
          ]),
    ]
  })
}

function asJson(game: Game, disputes: MarketDisputes) {
  const { gameId, position, challenger, bond, status, reason, paid, forfeited, posts, game: contract } = game
  const { claim, node } = position
  const turn = turnIn(game, disputes)
  return {
    gameId,
    contract,
    jobId: claim.jobId,
    provider: claim.provider,
    challenger,
    bond,
    status,
    reason: reason ?? null,
    node,
    turn: turn?.turn ?? null,
    deadline: turn?.deadline ?? null,
    posts,
    paid: paid ?? null,
    forfeited: forfeited ?? null,
  }
}

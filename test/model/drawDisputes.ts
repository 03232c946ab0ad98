/** What the two sides of a dispute do next: open a game, post, descend, be late, collect; sometimes what they may not. */
import { type Hex, keccak256 } from 'viem'
import { postingOf, rowAt } from '../../sdk/src/dispute/results.ts'
import type { Action } from './actions.ts'
import { type Game, leastBond, levelBelow, type Position } from './disputes.ts'
import type { Pool } from './pool.ts'
import { type Job, windowEnd } from './types.ts'

/** Seconds that are waited for the end of a turn. */
const PATIENCE = 2 * 86_400

export function drawForDispute(pool: Pool): Action | undefined {
  const games = pool.market.openGames()
  // what does not add up is rare, and worth looking at
  const crooked = games.filter(({ position }) => isCrooked(pool, position))
  const among = crooked.length > 0 && pool.random.chance(0.5) ? crooked : games
  const game = among.length > 0 && pool.random.chance(0.75) ? pool.random.pick(among) : undefined
  return game ? play(pool, game) : open(pool)
}

function open(pool: Pool): Action | undefined {
  const { market, random } = pool
  const fits = (job: Job) =>
    job.result !== undefined &&
    market.challengersOf(job).includes(market.game) &&
    market.now <= windowEnd(job)
  const hasTooMany = (job: Job) => {
    const known = pool.trees.get(job.result?.root ?? '0x')
    return fits(job) && known !== undefined && known.rows.length > 53 * job.terms.tasks
  }
  const status = random.pick(['Submitted', 'Disputed', 'Disputed', 'Settleable'] as const)
  const job = (random.chance(0.5) ? pool.oneOf(status, hasTooMany) : undefined) ?? pool.oneOf(status, fits)
  if (!job?.result) return undefined
  const least = leastBond(job)
  const challenger = pool.shuffled().find((person) => market.account(person).balance >= least)
  if (!challenger) return undefined
  const bond = { least, more: random.amount(least, 4n * least), less: least - 1n }
  const { root, steps } = job.result
  const { requester, terms } = job
  const result = random.chance(0.95) ? ([root, steps] as const) : ([root, steps ^ 1n] as const)
  return pool.act(
    'openGame',
    challenger,
    requester,
    terms,
    bond[random.weighted({ least: 5, more: 3, less: 1 })],
    ...result,
  )
}

function play(pool: Pool, game: Game): Action | undefined {
  const { market, random } = pool
  const { challenger } = game
  const { claim } = game.position
  // now and then from where the game does not stand
  const position = random.chance(0.96) ? game.position : { ...game.position, moves: game.position.moves + 1 }
  if (market.claimStateOf(claim.jobId).isRejected && random.chance(0.9))
    return pool.act('collect', pool.anyone(), challenger, position)
  const postedAt = random.chance(0.97) ? market.postedAt(position) : market.now
  // now and then at the last second or the one after
  const end = market.turnEnd(game.position)
  if (random.chance(0.2) && end >= market.now && end - market.now < PATIENCE)
    market.now = end + random.int(0, 1)
  const timeOut = market.now > end ? 8 : 0.4
  const descents = isCrooked(pool, game.position) ? 40 : 6
  switch (random.weighted({ post: 5, descend: descents, timeOut, collect: 0.3 })) {
    case 'post': {
      const by = random.chance(0.95) ? claim.provider : pool.person()
      const data = postingFor(pool, position)
      return data && pool.act('postNode', by, challenger, position, data)
    }
    case 'descend':
      return descend(pool, game, position, postedAt)
    case 'timeOut':
      return pool.act('timeOut', pool.anyone(), challenger, position, postedAt)
    case 'collect':
      return pool.act('collect', pool.anyone(), challenger, position)
  }
}

/** Whether a node is not what its steps say, or there are results of more tasks than the job has. */
function isCrooked(pool: Pool, { claim, node }: Position): boolean {
  const known = pool.trees.get(pool.market.jobs.get(claim.jobId)!.result!.root)
  if (!known) return false
  return known.tree.node(node.level, node.index).steps !== node.to || known.rows.length > 53 * claim.tasks
}

/** What the provider shows of a node: mostly what it has committed to. */
function postingFor(pool: Pool, { claim, node }: Position): Hex | undefined {
  const { random, market } = pool
  const known = pool.trees.get(market.jobs.get(claim.jobId)!.result!.root)
  if (!known) return random.chance(0.2) ? pool.bytes(53) : undefined
  const rows = new Map(Array.from({ length: claim.tasks }, (_, task) => [task, rowAt(known.rows, task)]))
  const data = postingOf(node, claim.tasks, rows)
  return random.chance(0.95)
    ? data
    : random.pick([`${data.slice(0, -2)}${random.pick(['00', '01'])}`, `${data}00`] as Hex[])
}

function descend(pool: Pool, { challenger }: Game, position: Position, postedAt: number): Action | undefined {
  const { random, market } = pool
  const { claim, node } = position
  const known = pool.trees.get(market.jobs.get(claim.jobId)!.result!.root)
  if (!known || node.level === 0) return undefined
  const below = levelBelow(node.level)
  const level = random.weighted({ next: 8, deeper: 1, nearer: 0.5 })
  const to = { next: below, deeper: 0, nearer: Math.min(below + 1, node.level - 1) }[level]
  const width = 2 ** (node.level - to)
  // the leaf after the last task is as interesting as any
  const first = node.index * width
  const tempting = to === 0 && claim.tasks < first + width && claim.tasks >= first && random.chance(0.8)
  const index = tempting ? claim.tasks : first + random.int(0, width - 1)
  const { hash, steps } = known.tree.node(to, index)
  const proof = known.tree.proof({ level: to, index }, node.level)
  const wrong = random.chance(0.05)
  const descent = { level: to, index, hash: wrong ? keccak256(hash) : hash, steps, proof }
  return pool.act('descend', random.chance(0.97) ? challenger : pool.person(), position, postedAt, descent)
}

import type { DisputeNode, DisputePosition, GameRules, NodePosting } from './types.ts'

/** Where the turns of a game stand. Times are unix times; `t ≤ deadline` is in time. */
export type Turns = {
  /** Whose move it is: the provider's posting, or the challenger's. Both may go on at a node of the result tree. */
  turn: 'provider' | 'challenger'
  /** Last second of that turn. */
  deadline: number
  /** When it began. */
  since: number
}

/** Seconds of a challenger's turn at a node. */
export function turnOf(
  { steps }: Pick<DisputeNode, 'steps'>,
  { turnFloor, stepsPerSecond }: GameRules,
): number {
  return turnFloor + Number(steps / stepsPerSecond)
}

/** Whether a node is one step of a trace: nothing is posted for it, the challenger proves it. */
export function isSingleStep({ isTrace, from, to }: DisputeNode): boolean {
  return isTrace && to - from === 1n
}

/** Last second in which the provider's posting counts in a game. */
export function providerDeadline({ node, arrivedAt, stretch }: DisputePosition, rules: GameRules): number {
  return arrivedAt + turnOf(node, rules) * stretch
}

/**
 * Whose turn it is and until when. A posting that came after the provider's deadline, for another game, is none in this
 * one.
 */
export function turnsOf(
  position: DisputePosition,
  posting: NodePosting | undefined,
  rules: GameRules,
): Turns {
  const { node, arrivedAt } = position
  const turn = turnOf(node, rules)
  if (isSingleStep(node)) return { turn: 'challenger', since: arrivedAt, deadline: arrivedAt + turn }
  const deadline = providerDeadline(position, rules)
  if (posting === undefined || posting.postedAt === 0 || posting.postedAt > deadline)
    return { turn: 'provider', since: arrivedAt, deadline }
  const since = Math.max(arrivedAt, posting.postedAt)
  return { turn: 'challenger', since, deadline: since + turn }
}

/** From when on a turn is acted on whether the chain's state is confirmed or not: its last third. */
export function lastThird({ since, deadline }: Turns): number {
  return deadline - Math.floor((deadline - since) / 3)
}

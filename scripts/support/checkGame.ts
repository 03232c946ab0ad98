/** The rules of a dispute game, as its constructor takes them. */
export type GameRules = {
  /** What one move costs, in units. */
  moveFee: bigint
  /** Seconds of the shortest turn. */
  turnFloor: number
  /** Steps a second of the slowest machine that can still play. */
  stepsPerSecond: bigint
}

/**
 * A challenger's moves in the longest game there is: opening, 7 descents for 2^32 tasks, entering the trace, 9 picks for
 * 2^44 steps, and the proof of one.
 */
export const LONGEST_GAME = 1 + 7 + 1 + 9 + 1

/** The least bond in longest games: a fifth of it pays for one, with as much again and more for who else was right. */
const GAMES_PER_BOND = 8

/** The least bond of the market's first rules does not pay for the disputes it has to pay for. */
export class MinBondTooSmallError extends Error {
  constructor({ minBond, moveFee }: { minBond: bigint; moveFee: bigint }) {
    const games = BigInt(GAMES_PER_BOND * LONGEST_GAME)
    super(
      `The least bond is too small for the price of moves.\n\nLeast bond: ${minBond} units\nPrice of a move: ${moveFee} units\nNeeded: ${games * moveFee} units, ${GAMES_PER_BOND} games of ${LONGEST_GAME} moves\n\nLet a move cost at most ${minBond / games} units (\`--move-fee\`), or raise \`minBond\` in ignition/modules/Assay.ts.`,
    )
    this.name = 'MinBondTooSmallError'
  }
}

/**
 * Whether the bond of a job pays for disputing it, whoever is right about it: what proves a fraud is paid from its bond.
 * @throws {MinBondTooSmallError}
 */
export function checkGame({ minBond, moveFee }: { minBond: bigint; moveFee: bigint }): void {
  if (minBond < BigInt(GAMES_PER_BOND * LONGEST_GAME) * moveFee)
    throw new MinBondTooSmallError({ minBond, moveFee })
}

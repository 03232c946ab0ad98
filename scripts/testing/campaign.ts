export const FUZZ_SEED = 'FUZZ_SEED'

/** Attempts to find a shorter sequence that fails, too. */
const SHRINKS = 500

/**
 * Hardhat's configuration of the random tests in Solidity, from `FUZZ_SEED` (a number below 2^32), `INVARIANT_RUNS`
 * (sequences of moves for each `invariant` function) and `INVARIANT_DEPTH` (moves in each sequence). The same three numbers give the
 * same sequences.
 */
export function campaign(env: NodeJS.ProcessEnv) {
  const { seed, runs, depth } = readCampaign(env)
  return {
    fuzz: { seed: `0x${seed.toString(16).padStart(64, '0')}` },
    invariant: {
      runs,
      depth,
      shrinkRunLimit: SHRINKS,
      // moves do not revert, so one that does is a mistake of the tests
      failOnRevert: true,
      // moves take a number and draw from it: what the chain has seen means nothing to them
      dictionaryWeight: 0,
      includeStorage: false,
      includePushBytes: false,
    },
  }
}

/** What to set to see the same sequences again. */
export function describeCampaign(env: NodeJS.ProcessEnv): string {
  const { seed, runs, depth } = readCampaign(env)
  return `${FUZZ_SEED}=${seed} INVARIANT_RUNS=${runs} INVARIANT_DEPTH=${depth}`
}

function readCampaign(env: NodeJS.ProcessEnv) {
  return {
    // the seeds of the other random tests may be negative
    seed: Number(env[FUZZ_SEED] ?? 1) >>> 0,
    runs: Number(env.INVARIANT_RUNS ?? 8),
    depth: Number(env.INVARIANT_DEPTH ?? 250),
  }
}

import { assuranceLevels, type RunLevel, type RunParameters } from 'assay'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Address } from 'viem'
import { parseAddress, parseCount, parseIndex } from './options.ts'

/** Options of the assurance level of a run, named as its parameters. */
export type LevelOptions = {
  level: RunLevel
  attester?: Address[]
  seats?: number
  spares?: number
  baseBps?: number
  commitTime?: number
  revealTime?: number
  drawTime?: number
  drawBits?: number
  meteredBps: number
  stepLimit?: bigint
}

/** Adds the options that say when results are final, and how they are paid. */
export function withLevel(command: Command): Command {
  return command
    .addOption(
      new Option('--level <level>', 'how a result becomes final; replicated trusts a majority of seats')
        .choices(assuranceLevels)
        .default('optimistic'),
    )
    .option('--attester <address>', 'with attested: who may attest results; repeat for more', collectAddress)
    .option('--seats <n>', 'with replicated: providers that vote, odd, up to 15 (default: 3)', parseCount)
    .option(
      '--spares <n>',
      'with replicated: drawn seats for a second round, odd (default: none)',
      parseIndex,
    )
    .option('--base-bps <bps>', 'with replicated: base fee of undecided seats (default: 1000)', parseBps)
    .option('--commit-time <seconds>', 'with replicated: to compute and commit (default: --run)', parseCount)
    .option('--reveal-time <seconds>', 'with replicated: to reveal (default: 300)', parseCount)
    .option('--draw-time <seconds>', 'with replicated: to claim spares (default: 300)', parseCount)
    .option('--draw-bits <n>', 'with replicated: one in 2^n may take a spare (default: 0)', parseIndex)
    .option('--metered-bps <bps>', 'share of the price paid by step; not with replicated', parseBps, 0)
    .option('--step-limit <n>', 'most steps a task may take (default: 2^36)', parseSteps)
}

/** What the options say, as parameters of a run. */
export function levelParameters(
  options: LevelOptions,
): Pick<RunParameters, 'level' | 'attesters' | 'replication' | 'meteredBps' | 'stepLimit'> {
  const { level, attester: attesters, meteredBps, stepLimit } = options
  const { seats, spares, baseBps, commitTime, revealTime, drawTime, drawBits } = options
  const group = { seats, spares, baseBps, commitTime, revealTime, drawTime, drawBits }
  const isGroup = Object.values(group).some((value) => value !== undefined)
  return { level, attesters, meteredBps, stepLimit, replication: isGroup ? group : undefined }
}

/** A repeatable option of addresses. */
export function collectAddress(value: string, previous: Address[] = []): Address[] {
  return [...previous, parseAddress(value)]
}

function parseBps(text: string): number {
  const value = parseIndex(text)
  if (value > 10_000) throw new InvalidArgumentError('Hundredths of a percent, at most 10000.')
  return value
}

function parseSteps(text: string): bigint {
  if (!/^\d+$/.test(text) || BigInt(text) < 1n) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.')
  }
  return BigInt(text)
}

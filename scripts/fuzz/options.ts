import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** Random calls in all, those of earlier runs included. */
  actions: number
  /** Processes at once. */
  jobs: number
  /** Only the market of this seed, whatever is known of it. */
  seed?: number
  /** Only show what is known. */
  show: boolean
}

export const USAGE = 'Usage: npm run fuzz:deep -- [--actions N] [--jobs N] [--seed N] [--show]'

const SEEDS = 2 ** 32

/** @throws {TypeError | RangeError} for what it does not understand */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      actions: { type: 'string', default: '1000000' },
      jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
      seed: { type: 'string' },
      show: { type: 'boolean', default: false },
    },
  })
  const whole = (name: 'actions' | 'jobs' | 'seed', least: number, limit = Number.MAX_SAFE_INTEGER) => {
    const text = values[name] ?? ''
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value < limit) return value
    const most = limit < Number.MAX_SAFE_INTEGER ? ` to ${limit - 1}` : ''
    throw new RangeError(`--${name} ${text} is no whole number from ${least}${most}.`)
  }
  const { show } = values
  const options = { actions: whole('actions', 1), jobs: whole('jobs', 1), show }
  return values.seed === undefined ? options : { ...options, seed: whole('seed', 0, SEEDS) }
}

/**
 * Mutation testing of the money paths: changes the contracts in small ways, one at a time, and asks whether any test
 * notices. Ends with the survivors; exit code 1 when one of them is not explained in test/mutation/explained.json.
 *
 *   npm run mutate [-- --count N|all] [--seed N] [--files PATTERN]… [--only NAME]… [--jobs N] [--actions N] [--list]
 *
 * What is known about a mutant is kept in cache/mutation/ for as long as it rests on the same contracts and tests, so a
 * run that was stopped goes on where it was, and a greater count adds to the smaller one's.
 */
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MutationError } from './mutation/errors.ts'
import { type Options, runMutation } from './mutation/run.ts'

const USAGE =
  'Usage: npm run mutate -- [--count N|all] [--seed N] [--files PATTERN]… [--only NAME]… [--jobs N] [--actions N] [--list]'

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        count: { type: 'string', default: '150' },
        seed: { type: 'string', default: '1' },
        files: { type: 'string', multiple: true, default: [] },
        only: { type: 'string', multiple: true, default: [] },
        jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
        actions: { type: 'string', default: '300' },
        list: { type: 'boolean', default: false },
      },
    })
    const whole = (name: 'count' | 'seed' | 'jobs' | 'actions', least: number) => {
      const value = Number(values[name])
      if (Number.isSafeInteger(value) && value >= least) return value
      throw new RangeError(`--${name} ${values[name]} is no whole number from ${least}.`)
    }
    const count = values.count === 'all' ? Infinity : whole('count', 1)
    const { files, only, list } = values
    return {
      count,
      seed: whole('seed', 0),
      files,
      only,
      list,
      jobs: whole('jobs', 1),
      actions: whole('actions', 1),
    }
  } catch (error) {
    console.error(`${USAGE}\n${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

const options = readOptions()
if (options === undefined) {
  process.exitCode = 2
} else {
  try {
    const root = dirname(dirname(fileURLToPath(import.meta.url)))
    process.exitCode = (await runMutation(root, options)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof MutationError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

/**
 * Deep fuzz: random calls, made to the contracts and to their model in lockstep (test/model, test/invariant/README.md), in
 * many small markets, each with a seed of its own. Ends with what was reached; exit code 1 when model and contracts
 * differed somewhere, or something was left out.
 *
 *   npm run fuzz:deep [-- --actions N] [--jobs N] [--seed N] [--show]
 *
 * Markets that were played to their end are kept in cache/fuzz/ for as long as contracts and model stay as they are, so a
 * run that was stopped goes on where it was, and a greater number adds to the smaller one's.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Options, readOptions, USAGE } from './fuzz/options.ts'
import { FuzzError, runFuzz } from './fuzz/run.ts'

function options(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${USAGE}\n${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

const asked = options()
if (asked === undefined) {
  process.exitCode = 2
} else {
  try {
    process.exitCode = (await runFuzz(dirname(dirname(fileURLToPath(import.meta.url))), asked)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof FuzzError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

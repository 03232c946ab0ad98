import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'
import { COUNTS_FILE, type SuiteCounts } from './counts.ts'

/**
 * Mocha's `spec` reporter that, at the very end, also writes how many tests passed, failed and were skipped to the file
 * named by the environment: a run that dies on the way leaves no file, and is thereby known to have failed.
 */
class CountsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const file = process.env[COUNTS_FILE]
    if (!file) return
    const failures: string[] = []
    runner.on('fail', (test) => failures.push(test.fullTitle()))
    runner.once('end', () => {
      const { passes, pending } = this.stats
      const counts: SuiteCounts = { passed: passes, failed: failures.length, skipped: pending, failures }
      writeFileSync(file, JSON.stringify(counts))
    })
  }
}

// Mocha loads a reporter with `require`, and takes what that returns for the class.
export { CountsReporter as 'module.exports' }

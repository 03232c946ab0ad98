import { readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { EngineName } from './engines.ts'
import { sumOf, type Tally } from './tally.ts'

export const engineNames: readonly EngineName[] = ['reference', 'fast', 'native', 'native (fast build)']

export type SuiteParameters = {
  folder: string
  /** Scripts of the folder. */
  files: readonly string[]
  engines: readonly EngineName[]
}

/** What became of one script. */
export type FileReport = { file: string; tally: Tally; seconds: number }

/** The scripts of a folder, in the order of their names. */
export function scriptsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
}

/**
 * Runs scripts on the engines, in a thread whose stack is as deep as the machine's budget of slots needs it natively.
 * @param report - Told of each script when it is done.
 * @returns the sum of all
 */
export function runSuite(
  parameters: SuiteParameters,
  report: (done: FileReport) => void = () => {},
): Promise<Tally> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: parameters,
    resourceLimits: { stackSizeMb: 64 },
  })
  const tallies: Tally[] = []
  return new Promise((resolve, reject) => {
    worker.on('message', (done: FileReport) => {
      tallies.push(done.tally)
      report(done)
    })
    worker.once('error', reject)
    worker.once('exit', () => resolve(sumOf(tallies)))
  })
}

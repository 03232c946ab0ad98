// Runs files of contract tests, one after the other, until one fails, and tells its parent. Started by lane.ts.

import { registerHooks } from 'node:module'
import fc from 'fast-check'
import Mocha from 'mocha'

/** What the parent sends, once. */
export interface Order {
  files: string[]
  /** Go on after a failure. */
  all: boolean
}

/** What became of one file. */
export interface FileReport {
  file: string
  seconds: number
  failures: { title: string; message: string }[]
}

/** What the parent hears: a report per file, then `done`; or why it cannot go on, which is no mutant's fault. */
export type Message = { report: FileReport } | { done: true } | { broken: string }

/** Long enough for a busy machine; what hangs is stopped by the parent. */
const TIMEOUT_MS = 120_000

const send = (message: Message) => process.send?.(message)

// The generated types of contracts import each other by the names they would have once compiled.
registerHooks({
  resolve(specifier, context, next) {
    if (!context.parentURL?.includes('/types/ethers-contracts/')) return next(specifier, context)
    return next(specifier.replace(/^(\..*)\.js$/, '$1.ts'), context)
  },
})

// That a property fails is enough; a simple counterexample takes minutes to find, and nobody reads it.
fc.configureGlobal({ endOnFailure: true })

/** Mocha wants a class. */
class Silent extends Mocha.reporters.Base {}

async function runFile(file: string, bail: boolean): Promise<FileReport> {
  const mocha = new Mocha({ reporter: Silent, bail, timeout: TIMEOUT_MS, forbidOnly: true })
  mocha.addFile(file)
  await mocha.loadFilesAsync()
  const started = performance.now()
  const failures: FileReport['failures'] = []
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve())
    runner.on('fail', (test, error) => {
      failures.push({ title: test.fullTitle(), message: String(error?.message ?? error) })
    })
  })
  return { file, seconds: (performance.now() - started) / 1000, failures }
}

async function obey({ files, all }: Order): Promise<void> {
  for (const file of files) {
    const report = await runFile(file, !all)
    send({ report })
    if (report.failures.length > 0 && !all) break
  }
  send({ done: true })
}

process.once('message', (order: Order) => {
  obey(order)
    .catch((error) => send({ broken: error instanceof Error ? (error.stack ?? error.message) : `${error}` }))
    .finally(() => process.disconnect())
})
// Whoever stops the parent stops this, too; and what tests left open does not keep it.
process.once('disconnect', () => process.exit(0))

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listFiles } from '../bootstrap/files.mjs'
import { COUNTS_FILE, type Ending, judge, type SuiteCounts } from './counts.ts'
import type { Suite } from './suites.ts'

/** The files of a suite, relative to `root`. */
export function filesOf(root: string, suite: Suite): string[] {
  return listFiles(root, suite.files)
}

/**
 * Runs a suite and returns its counts; never throws for a failing suite.
 *
 * @param output `inherit`: streams to this process's own
 */
export async function runSuite(
  root: string,
  suite: Suite,
  output: 'inherit' | 'ignore' = 'inherit',
): Promise<SuiteCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-test-'))
  try {
    const file = join(folder, 'counts.json')
    const ending = await execute(root, suite, output, { ...process.env, [COUNTS_FILE]: file })
    return judge(await readCounts(file), ending)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs the suite in a process group of its own, so that whatever its tests started ends with it. */
function execute(
  root: string,
  suite: Suite,
  output: 'inherit' | 'ignore',
  env: NodeJS.ProcessEnv,
): Promise<Ending> {
  const [command = '', ...args] = [...suite.command, ...filesOf(root, suite)]
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['ignore', output, output],
      detached: true,
    })
    const ending = { timedOut: false, stoppedBy: undefined as NodeJS.Signals | undefined }
    const timer = setTimeout(() => {
      ending.timedOut = true
      killGroup(child.pid, 'SIGKILL')
    }, suite.minutes * 60_000)
    const stop = (signal: NodeJS.Signals) => {
      ending.stoppedBy = signal
      killGroup(child.pid, signal)
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      killGroup(child.pid, 'SIGKILL')
      process.off('SIGINT', stop).off('SIGTERM', stop)
      if (ending.stoppedBy) process.kill(process.pid, ending.stoppedBy)
      else resolve({ code, signal, timedOut: ending.timedOut })
    })
  })
}

function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch {
    // Nobody is left in it.
  }
}

async function readCounts(file: string): Promise<SuiteCounts | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

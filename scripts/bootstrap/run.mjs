import { spawn } from 'node:child_process'
import { SetupError } from './report.mjs'

/**
 * @typedef {object} Result
 * @property {number | null} code
 * @property {string} output stdout and stderr, as they came
 * @property {boolean} missing the command was not found
 *
 * @typedef {(command: string, args: string[], env: NodeJS.ProcessEnv) => Promise<Result>} Run
 */

/** @type {NodeJS.Signals[]} */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Calls `work` with a runner for set-up commands: quiet, in `root`, known to the lock for as long as they live. A signal
 * ends the command at work and then, as an error, the work itself.
 *
 * @template T
 * @param {string} root
 * @param {{ include(pid: number): void, exclude(pid: number): void }} lock
 * @param {(run: Run) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withRunner(root, lock, work) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  /** @type {NodeJS.Signals | undefined} */
  let stoppedBy
  const stop = (signal) => {
    stoppedBy = signal
    child?.kill('SIGTERM')
  }
  const assertGoing = () => {
    if (stoppedBy) throw new SetupError(`stopped by ${stoppedBy}`, { signal: stoppedBy })
  }
  for (const signal of STOPPING) process.on(signal, stop)
  try {
    return await work(async (command, args, env) => {
      assertGoing()
      child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
      const { pid } = child
      if (pid !== undefined) lock.include(pid)
      const result = await outcomeOf(child)
      if (pid !== undefined) lock.exclude(pid)
      assertGoing()
      return result
    })
  } finally {
    for (const signal of STOPPING) process.off(signal, stop)
  }
}

/** @returns {Promise<Result>} */
function outcomeOf(child) {
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      error.code === 'ENOENT' ? resolve({ code: null, missing: true, output: '' }) : reject(error),
    )
    child.on('close', (code) => resolve({ code, missing: false, output: Buffer.concat(output).toString() }))
  })
}

/**
 * Runs the command the user asked for and ends as it ends: same exit code, or same signal.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function runForeground(command, args, env) {
  const child = spawn(command, args, { env, stdio: 'inherit' })
  // A terminal sends Ctrl-C to the child as well; passing it on would make two of one, and the second one means
  // "stop at once" to the commands run here.
  const terminal = process.stdin.isTTY || process.stderr.isTTY
  for (const signal of STOPPING) {
    process.on(signal, () => {
      if (!(terminal && signal === 'SIGINT')) child.kill(signal)
    })
  }
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      reject(error.code === 'ENOENT' ? new SetupError(`There is no command ${command}.`) : error),
    )
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  for (const name of STOPPING) process.removeAllListeners(name)
  if (signal) process.kill(process.pid, signal)
  else process.exitCode = code
}

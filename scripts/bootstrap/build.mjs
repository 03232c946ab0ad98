import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles } from './files.mjs'
import { SetupError, say } from './report.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} needs file patterns; the step is left out while one of them matches nothing
 * @property {string[]} inputs file patterns; the step runs again when the content of a matching file changes
 * @property {string[]} outputs paths; the step runs again when one is missing
 * @property {string[]} after steps whose outputs this one reads; it runs again when they do
 * @property {string[]} command run in the root with the installed tools on the PATH
 */

/**
 * @param {Step[]} steps
 * @param {string} names `all`, `none`, or step names separated by commas; what those come after is added
 * @returns {Step[]} in the order of the table
 */
export function selectSteps(steps, names) {
  if (names === 'all') return steps
  const wanted = new Set(names === 'none' ? [] : names.split(','))
  for (const name of wanted) {
    const step = steps.find((step) => step.name === name)
    if (!step)
      throw new SetupError(`There is no build step ${name}.`, {
        remedy: `Known: ${steps.map((step) => step.name).join(', ')}`,
      })
    for (const earlier of step.after) wanted.add(earlier)
  }
  return steps.filter(({ name }) => wanted.has(name))
}

/**
 * The steps whose last successful run had other inputs, in order.
 *
 * @param {string} root
 * @param {Step[]} steps
 * @param {string} salt what every step depends on: the installed packages
 */
export function staleSteps(root, steps, salt) {
  const keys = new Map()
  return steps.filter((step) => isPossible(root, step) && !isFresh(root, step, key(root, step, salt, keys)))
}

/**
 * Runs the stale steps, in order.
 *
 * @param {string} root
 * @param {Step[]} steps
 * @param {string} salt
 * @param {import('./run.mjs').Run} run
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError} with the output of the step that failed; its stamp is gone, so the next start tries again
 */
export async function build(root, steps, salt, run, env) {
  const keys = new Map()
  for (const step of steps.filter((step) => isPossible(root, step))) {
    // Taken when the step's turn comes: an earlier step may have written some of its inputs.
    const current = key(root, step, salt, keys)
    if (isFresh(root, step, current)) continue
    say(`building ${step.name}`)
    rmSync(stampOf(root, step), { force: true })
    const [command = '', ...args] = step.command
    const { code, missing, output } = await run(command, args, env)
    if (code !== 0) {
      throw new SetupError(`Building ${step.name} failed (${step.command.join(' ')}).`, {
        seen: missing ? `${command} is not installed` : output,
      })
    }
    const lost = step.outputs.filter((path) => !existsSync(join(root, path)))
    if (lost.length > 0)
      throw new SetupError(`Building ${step.name} did not write ${lost.join(', ')}.`, { seen: output })
    mkdirSync(dirname(stampOf(root, step)), { recursive: true })
    writeFileSync(stampOf(root, step), current)
  }
}

function isPossible(root, step) {
  return step.needs.every((pattern) => listFiles(root, [pattern]).length > 0)
}

function isFresh(root, step, current) {
  if (!step.outputs.every((path) => existsSync(join(root, path)))) return false
  try {
    return readFileSync(stampOf(root, step), 'utf8') === current
  } catch {
    return false
  }
}

/** Hash of everything the step's result follows from, its predecessors' keys included. */
function key(root, step, salt, keys) {
  const hash = createHash('sha256').update(
    JSON.stringify([salt, step.command, step.after.map((name) => keys.get(name))]),
  )
  for (const path of listFiles(root, step.inputs)) {
    const content = readFileSync(join(root, path))
    hash.update(`\0${path}\0${content.length}\0`).update(content)
  }
  const digest = hash.digest('hex')
  keys.set(step.name, digest)
  return digest
}

function stampOf(root, { name }) {
  return join(root, '.toolchain', 'stamps', name)
}

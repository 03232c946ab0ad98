// Makes a checkout ready and runs a command in it:
//
//   node scripts/bootstrap.mjs [--build=all|none|step,…] [command args…]
//
// 1. a Node that runs TypeScript (fetched into .toolchain when the running one is too old),
// 2. the packages of package-lock.json, 3. the build steps whose inputs changed, 4. the command, under that Node.
// Needs nothing but Node 20 and npm. Messages go to stderr; stdout belongs to the command.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, selectSteps, staleSteps } from './bootstrap/build.mjs'
import { buildKey, ensureDependencies, hasDependencies } from './bootstrap/dependencies.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { SetupError, say } from './bootstrap/report.mjs'
import { runForeground, withRunner } from './bootstrap/run.mjs'
import { steps } from './bootstrap/steps.mjs'
import { ensureNode, findNode, linkNode } from './bootstrap/toolchain.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Splits the script's own options from the command. */
function parse(argv) {
  const [first, ...rest] = argv
  if (!first?.startsWith('--build=')) return { names: 'all', command: argv }
  return { names: first.slice('--build='.length), command: rest }
}

/** The environment of everything started here: the chosen Node and the installed tools come first. */
function environment(node) {
  const path = [join(root, 'node_modules', '.bin'), node.folder, process.env.PATH]
  return { ...process.env, PATH: path.filter(Boolean).join(':'), HARDHAT_DISABLE_TELEMETRY: 'true' }
}

/** True when nothing has to be fetched, installed or built; takes no lock, changes nothing. */
function isReady(node, chosen) {
  return hasDependencies(root, node) && staleSteps(root, chosen, buildKey(root, node)).length === 0
}

/** Brings the checkout up to date and returns the Node to use. Every part is a no-op when already done. */
async function prepare(chosen) {
  const started = Date.now()
  const node = await withLock(join(root, '.toolchain', 'lock'), (lock) =>
    withRunner(root, lock, async (run) => {
      const node = await ensureNode(root, run)
      const env = environment(node)
      await ensureDependencies(root, node, run, env)
      await build(root, chosen, buildKey(root, node), run, env)
      return node
    }),
  )
  say(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return node
}

async function main(argv) {
  const { names, command } = parse(argv)
  const chosen = selectSteps(steps, names)
  const found = findNode(root)
  const node = found && isReady(found, chosen) ? found : await prepare(chosen)
  linkNode(root, node)
  if (command.length === 0) return
  const [name, ...args] =
    command[0] === 'assay' ? ['node', join(root, 'runner/dist/bin.js'), ...command.slice(1)] : command
  await runForeground(name, args, environment(node))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  if (error.signal) process.kill(process.pid, error.signal)
  else process.exitCode = 1
}

import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { npm } from './npm.mjs'
import { SetupError, say } from './report.mjs'

/** The first Node that runs TypeScript sources without a flag, and the line fetched where it is missing. */
const OLDEST = [22, 18]
const FETCHED = 24

/**
 * @typedef {object} Node a Node good enough for the project
 * @property {string} folder the folder of its `node` executable
 * @property {number} major
 * @property {boolean} own whether it is the one in .toolchain
 */

/** @param {string} version for example `v24.1.0` */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/**
 * The running Node when it is recent enough, else the one in .toolchain when that one works.
 *
 * @param {string} root
 * @returns {Node | undefined}
 */
export function findNode(root) {
  const folder = join(root, '.toolchain', 'node_modules', '.bin')
  if (isRecent(process.version)) {
    // Once linked into node_modules/.bin, the fetched Node is also the one npm starts this script with.
    const own = process.execPath.startsWith(realpath(join(root, '.toolchain')) + sep)
    return { folder: own ? folder : dirname(process.execPath), major: majorOf(process.version), own }
  }
  const version = versionOf(join(folder, 'node'))
  return version && isRecent(version) ? { folder, major: majorOf(version), own: true } : undefined
}

/**
 * Like `findNode`, but fetches a Node where there is none. A fetched one that does not start is replaced.
 *
 * @param {string} root
 * @param {import('./run.mjs').Run} run
 * @returns {Promise<Node>}
 */
export async function ensureNode(root, run) {
  const found = findNode(root)
  if (found) return found
  say(`Node ${process.versions.node} is too old, fetching Node ${FETCHED}`)
  const folder = join(root, '.toolchain')
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // The package of the platform holds the executable itself; the package named `node` needs an install script to
  // fetch it, and npm may be told not to run those.
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts']
  await npm(run, ['install', '--prefix', folder, ...flags, `${platformPackage()}@${FETCHED}`], process.env)
  const fetched = findNode(root)
  if (fetched) return fetched
  throw new SetupError(`The Node ${FETCHED} fetched from npm does not run on this machine.`, {
    remedy: `Install Node ${OLDEST.join('.')} or newer and put it on the PATH.`,
  })
}

/**
 * Makes `node` inside npm scripts mean the fetched Node; leaves a good system Node alone.
 *
 * @param {string} root
 * @param {Node} node
 */
export function linkNode(root, node) {
  const link = join(root, 'node_modules', '.bin', 'node')
  const target = node.own ? relative(dirname(link), join(node.folder, 'node')) : undefined
  if (linkTarget(link) === target) return
  if (!target) return rmSync(link, { force: true })
  // In one step: another start of this checkout may be at the same place.
  const draft = `${link}.${process.pid}`
  symlinkSync(target, draft)
  renameSync(draft, link)
}

function platformPackage() {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${process.platform}-${process.arch}`
}

function versionOf(executable) {
  try {
    return execFileSync(executable, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

function majorOf(version) {
  return Number(version.replace(/^v/, '').split('.')[0])
}

function realpath(path) {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function linkTarget(path) {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : ''
  } catch {
    return undefined
  }
}

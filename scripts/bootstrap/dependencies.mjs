import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './npm.mjs'
import { SetupError, say } from './report.mjs'

const PACKAGES = ['', 'sdk', 'runner']
const LOCK = 'package-lock.json'
const STAMP = join('node_modules', '.assay-stamp')
/** Hardhat's native part: npm leaves it out, without a word, when run under a Node that Hardhat does not support. */
const NATIVE = join('node_modules', '@nomicfoundation', 'edr')

/**
 * What the result of a build depends on besides its inputs: platform, Node and the exact packages.
 *
 * @param {string} root
 * @param {import('./toolchain.mjs').Node} node
 */
export function buildKey(root, node) {
  return `${platform(node)} ${sha256(readOr(join(root, LOCK), ''))}`
}

/** What the installed packages depend on: the same, and the wishes of the package.json files. */
function dependencyKey(root, node) {
  return `${buildKey(root, node)} ${sha256(JSON.stringify(PACKAGES.map((folder) => wishes(manifest(root, folder)))))}`
}

/**
 * Whether node_modules is what package-lock.json asks for, on this platform and Node.
 *
 * @param {string} root
 * @param {import('./toolchain.mjs').Node} node
 */
export function hasDependencies(root, node) {
  return readOr(join(root, STAMP), '') === dependencyKey(root, node) && hasNative(root)
}

/**
 * Installs the packages unless they are there already.
 *
 * @param {string} root
 * @param {import('./toolchain.mjs').Node} node
 * @param {import('./run.mjs').Run} run
 * @param {NodeJS.ProcessEnv} env puts that Node first: npm picks packages by the Node it runs under
 */
export async function ensureDependencies(root, node, run, env) {
  if (hasDependencies(root, node)) return
  if (!isInstalledByHand(root, node)) {
    say('installing packages (npm ci)')
    await npm(run, ['ci', '--include=dev', '--include=optional'], env)
  }
  if (!hasNative(root)) {
    throw new SetupError(`npm did not install Hardhat's native package for ${platform(node)}.`, {
      remedy:
        'Remove node_modules and the `omit` and `os`/`cpu` settings of npm (`npm config ls`), then try again.',
    })
  }
  writeFileSync(join(root, STAMP), dependencyKey(root, node))
}

/** True after an `npm install`, which leaves no stamp of ours but notes every package it installed. */
function isInstalledByHand(root, node) {
  const stamp = readOr(join(root, STAMP), undefined)
  if (stamp !== undefined && !stamp.startsWith(`${platform(node)} `)) return false
  const wanted = packages(join(root, LOCK))
  const installed = packages(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !installed || !hasNative(root)) return false
  const agreed = (folder) => wishes(manifest(root, folder)) === wishes(wanted[folder] ?? {})
  if (!PACKAGES.every(agreed)) return false
  return Object.entries(wanted).every(([path, { version, link, optional, devOptional }]) => {
    if (path === '' || (!(path in installed) && (optional || devOptional))) return true
    return (link || version === installed[path]?.version) && existsSync(join(root, path))
  })
}

function hasNative(root) {
  const { optionalDependencies = {} } = parse(readOr(join(root, NATIVE, 'package.json'), '{}'))
  const ours = Object.keys(optionalDependencies)
    .map((name) => name.split('/')[1] ?? name)
    .filter((name) => name.startsWith(`edr-${process.platform}-${process.arch}`))
  if (!existsSync(join(root, NATIVE))) return false
  const present = new Set(readdirSync(join(root, NATIVE, '..')))
  return ours.length === 0 || ours.some((name) => present.has(name))
}

function platform(node) {
  return `node${node.major}-${process.platform}-${process.arch}`
}

function manifest(root, folder) {
  return parse(readOr(join(root, folder, 'package.json'), '{}'))
}

/** The fields of a package.json that decide what npm installs; npm copies them into its lock file, sorted. */
function wishes({ dependencies, devDependencies, optionalDependencies, peerDependencies }) {
  const sorted = (field) => Object.entries(field ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([dependencies, devDependencies, optionalDependencies, peerDependencies].map(sorted))
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}

function packages(lockFile) {
  return parse(readOr(lockFile, '{}')).packages
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return fallback
  }
}

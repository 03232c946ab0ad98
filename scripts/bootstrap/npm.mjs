import { existsSync } from 'node:fs'
import { SetupError } from './report.mjs'

/**
 * What npm's error codes mean for somebody who only wanted to run a command. First match wins.
 *
 * @type {[pattern: RegExp, what: string, remedy: string][]}
 */
const EXPLANATIONS = [
  [
    /_CERT|CERT_/,
    "The npm registry's certificate is not trusted.",
    'Set NODE_EXTRA_CA_CERTS to the file with the certificate of your network, then try again.',
  ],
  [
    /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH|SOCKETTIMEDOUT)|network/i,
    'The npm registry cannot be reached.',
    'Check the network, the proxy settings and `npm config get registry`, then try again.',
  ],
  [/ENOSPC/, 'The disk is full.', 'Free about 1 GB and try again.'],
  [
    /EACCES|EPERM|EROFS/,
    'npm may not write here.',
    'Check who owns the checkout and the npm cache (`npm config get cache`).',
  ],
  [
    /EUSAGE/,
    'package-lock.json is damaged or does not match the package.json files.',
    'Run `npm install` and commit package-lock.json.',
  ],
  [
    /E404|ETARGET/,
    'The npm registry does not have a package that is needed.',
    'Check `npm config get registry`.',
  ],
  [/EINTEGRITY/, 'A downloaded package is damaged.', 'Run `npm cache verify`, then try again.'],
]

/** Settings of an outer `npm run` or of the shell that would make npm install something else, or somewhere else. */
const MISLEADING =
  /^npm_config_(workspaces?|include_workspace_root|prefix|local_prefix|global|omit|include|dry_run)$/i

const QUIETLY = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
/** npm's own pauses between tries add up to minutes of silence where there is no network. */
const SOON = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=10000']

/** Where systems keep the certificates they trust. */
const CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]

/**
 * Runs npm quietly.
 *
 * @param {import('./run.mjs').Run} run
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError} in words instead of codes
 */
export async function npm(run, args, env) {
  const result = await run('npm', [...args, ...QUIETLY, ...SOON], environment(env))
  if (result.missing) {
    throw new SetupError('npm is not on the PATH.', {
      remedy: 'Install npm (it comes with Node) and try again.',
    })
  }
  if (result.code === 0) return
  const lines = result.output.split('\n').filter((line) => !/^npm error\s+(at |$)/.test(line))
  const seen = lines.slice(0, 10).join('\n')
  const [, what, remedy] = EXPLANATIONS.find(([pattern]) => pattern.test(result.output)) ?? []
  throw new SetupError(what ?? `npm ${args[0]} failed (exit code ${result.code}).`, { seen, remedy })
}

/**
 * `env` without what misleads npm. A Node brings certificates of its own: behind a proxy with another one, npm works
 * only if the fetched Node trusts, like the rest of the machine, what the system trusts.
 */
function environment(env) {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !MISLEADING.test(name)))
  const certificates = CERTIFICATES.find((path) => existsSync(path))
  return {
    NODE_USE_SYSTEM_CA: '1',
    ...(certificates ? { NODE_EXTRA_CA_CERTS: certificates } : {}),
    ...clean,
  }
}

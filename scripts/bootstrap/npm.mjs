import { SetupError } from './report.mjs'

/**
 * What npm's error codes mean for somebody who only wanted to run a command. First match wins.
 *
 * @type {[pattern: RegExp, what: string, remedy: string][]}
 */
const EXPLANATIONS = [
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

/**
 * Runs npm quietly.
 *
 * @param {import('./run.mjs').Run} run
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError} in words instead of codes
 */
export async function npm(run, args, env) {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !MISLEADING.test(name)))
  const result = await run(
    'npm',
    [...args, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
    clean,
  )
  if (result.missing) {
    throw new SetupError('npm is not on the PATH.', {
      remedy: 'Install npm (it comes with Node) and try again.',
    })
  }
  if (result.code === 0) return
  const seen = result.output.split('\n').slice(0, 12).join('\n')
  const [, what, remedy] = EXPLANATIONS.find(([pattern]) => pattern.test(result.output)) ?? []
  throw new SetupError(what ?? `npm ${args[0]} failed (exit code ${result.code}).`, { seen, remedy })
}

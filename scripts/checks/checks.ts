import { execFile } from 'node:child_process'
import { listFiles } from '../bootstrap/files.mjs'
import { lockFileGaps } from './lockFile.ts'
import { brokenLinks } from './markdownLinks.ts'
import { requirementGaps } from './requirements.ts'
import { bareErrors, longFiles } from './sourceRules.ts'

/** `problems` fail the check, `warnings` are only shown. Both are text for the reader. */
export type Findings = { problems: string[]; warnings?: string[] }
export type Check = { name: string; run(root: string): Promise<Findings> }

export const SOLIDITY = ['contracts/**/*.sol', 'test/**/*.sol']

/** Every part of `npm run check`, in order. To add one, add an entry. */
export const checks: Check[] = [
  {
    name: 'format and lint',
    run: command('biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '--colors=off', '.'),
  },
  { name: 'Solidity format', run: onFiles(SOLIDITY, command('prettier', '--check')) },
  {
    name: 'Solidity lint',
    run: onFiles(
      SOLIDITY,
      command('solhint', '--noPoster', '--disc', '--max-warnings', '0', '--formatter', 'unix'),
    ),
  },
  { name: 'types', run: command('tsc', '-p', '.') },
  { name: 'types of the set-up', run: command('tsc', '-p', 'scripts/bootstrap') },
  { name: 'generated files', run: generatedFiles },
  { name: 'gas', run: command('node', 'bench/gas.ts', '--check') },
  { name: 'gas of steps', run: command('node', 'bench/vm/gas.ts', '--check') },
  { name: 'lock file', run: async (root) => ({ problems: lockFileGaps(root) }) },
  { name: 'requirements', run: async (root) => ({ problems: requirementGaps(root) }) },
  { name: 'links', run: async (root) => ({ problems: brokenLinks(root) }) },
  {
    name: 'source rules',
    run: async (root) => ({ problems: bareErrors(root), warnings: longFiles(root) }),
  },
]

type Command = (root: string, files?: string[]) => Promise<Findings>

/** A check that is a program: it fails when the program does, with everything the program said. */
function command(name: string, ...args: string[]): Command {
  return (root, files = []) =>
    new Promise((resolve) => {
      execFile(name, [...args, ...files], { cwd: root, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        const said = `${stdout}${stderr}`.trim()
        resolve({ problems: error ? [said || error.message] : [] })
      })
    })
}

/** Passes with no file to look at: the tools themselves would not. */
function onFiles(patterns: string[], check: Command): Command {
  return async (root) => {
    const files = listFiles(root, patterns)
    return files.length > 0 ? check(root, files) : { problems: [] }
  }
}

/** Every generator knows `--check`: it computes its file anew and compares. */
async function generatedFiles(root: string): Promise<Findings> {
  const generators = listFiles(root, ['scripts/generate-*.ts'])
  const findings = await Promise.all(generators.map((path) => command('node', path, '--check')(root)))
  return { problems: findings.flatMap(({ problems }) => problems) }
}

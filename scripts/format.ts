// npm run format: writes what `npm run check` asks of the layout, and the lint fixes that cannot change a meaning.

import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles } from './bootstrap/files.mjs'
import { SOLIDITY } from './checks/checks.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const solidity = listFiles(root, SOLIDITY)
const commands = [
  ['biome', 'check', '--write', '--diagnostic-level=error', '.'],
  ...(solidity.length > 0 ? [['prettier', '--write', '--log-level=warn', ...solidity]] : []),
]

for (const [name = '', ...args] of commands) {
  const { status } = spawnSync(name, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

// Writes contracts/verification/vm/Isa.sol and docs/vm/isa.md from the opcode table of the SDK; with --check, fails if a
// committed file differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { instructionPage } from './isa/page.ts'
import { isaLibrary } from './isa/solidity.ts'

const files: [path: string, text: string][] = [
  ['contracts/verification/vm/Isa.sol', isaLibrary()],
  ['docs/vm/isa.md', instructionPage()],
]

for (const [path, text] of files) {
  const file = new URL(`../${path}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is stale: run "node scripts/generate-isa.ts"`)
    process.exitCode = 1
  }
}

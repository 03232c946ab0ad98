// Writes contracts/verification/vm/Isa.sol, docs/vm/isa.md and the limits in docs/vm/machine.md from the tables of the SDK;
// with --check, fails if a committed file differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { limitsTable } from './isa/limits.ts'
import { instructionPage } from './isa/page.ts'
import { isaLibrary } from './isa/solidity.ts'

const files: [path: string, text: string][] = [
  ['contracts/verification/vm/Isa.sol', isaLibrary()],
  ['docs/vm/isa.md', instructionPage()],
  ['docs/vm/machine.md', pageWithLimits()],
]

/** The page of the machine, written by hand but for the table between its marks. */
function pageWithLimits(): string {
  const page = readFileSync(new URL('../docs/vm/machine.md', import.meta.url), 'utf8')
  const place = /(?<=<!-- limits -->\n)[\s\S]*?(?=\n<!-- end -->)/
  if (!place.test(page)) {
    console.error('docs/vm/machine.md has no place for its limits: <!-- limits --> … <!-- end -->')
    process.exit(1)
  }
  return page.replace(place, () => limitsTable())
}

for (const [path, text] of files) {
  const file = new URL(`../${path}`, import.meta.url)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is stale: run "node scripts/generate-isa.ts"`)
    process.exitCode = 1
  }
}

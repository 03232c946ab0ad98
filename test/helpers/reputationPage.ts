import { readFileSync } from 'node:fs'

/** `docs/design/reputation.md`, whose numbers are tested. */
export const page = readFileSync(new URL('../../docs/design/reputation.md', import.meta.url), 'utf8')

/** The cells below the header of the table under a heading. */
export function tableBelow(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  const cells = lines.slice(2).map((line) => line.split('|').slice(1, -1))
  return cells.map((row) => row.map((cell) => cell.trim()))
}

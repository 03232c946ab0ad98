// Writes docs/errors.md from the error classes of both packages; with --check, fails if the committed page differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles } from './bootstrap/files.mjs'
import { readErrors } from './errors/readErrors.ts'
import { renderErrors } from './errors/render.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = join(root, 'docs/errors.md')

const classes = listFiles(root, ['sdk/src/**/*.ts', 'runner/src/**/*.ts']).flatMap((file) =>
  readErrors(readFileSync(join(root, file), 'utf8'), file),
)
const text = renderErrors(classes)
if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/errors.md is stale: run "node scripts/generate-errors.ts"')
  process.exitCode = 1
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder that stands for a checkout. */
export type Checkout = {
  root: string
  write(path: string, text: string): void
  remove(path: string): void
}

/** @param files path and text of what it holds at first */
export function createCheckout(files: Record<string, string> = {}): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'assay-ground-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return { root, write, remove: (path) => rmSync(join(root, path), { recursive: true, force: true }) }
}

/** Keeps what the set-up says about its progress out of the test output, inside the `describe` it is called in. */
export function muteStderr(): void {
  const { write } = process.stderr
  beforeEach(() => {
    process.stderr.write = () => true
  })
  afterEach(() => {
    process.stderr.write = write
  })
}

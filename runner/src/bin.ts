#!/usr/bin/env node
import { readFileSync } from 'node:fs'

const { version, engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string; engines: { node: string } }

const [, major, minor] = /(\d+)\.(\d+)/.exec(engines.node)?.map(Number) ?? []
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
const isOld = ownMajor! < major! || (ownMajor === major && ownMinor! < minor!)
if (isOld) {
  process.stderr.write(
    `assay needs Node ${major}.${minor} or newer, this is ${process.versions.node}. In a checkout, \`npm run assay -- …\` brings one.\n`,
  )
  process.exitCode = 1
} else {
  // Not above: what an old Node lacks would end it before it could say so.
  const { main } = await import('./cli/main.ts')
  process.exitCode = await main(process.argv.slice(2), version)
}

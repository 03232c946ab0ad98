import { readFileSync, writeFileSync } from 'node:fs'
import type { RecordedDeployment } from './deployMarket.ts'

/** The file that the SDK reads: markets by chain id. */
export const DEPLOYMENTS = new URL('../../sdk/src/deployments.json', import.meta.url)

/**
 * Writes a chain's market into the file, in order of chain ids; a file that says so already is left alone.
 * @returns whether it was changed
 */
export function recordDeployment(file: URL, chainId: number, deployment: RecordedDeployment): boolean {
  const before = readFileSync(file, 'utf8')
  // Integer keys come in ascending order.
  const after = `${JSON.stringify({ ...JSON.parse(before), [chainId]: deployment }, null, 2)}\n`
  if (after === before) return false
  writeFileSync(file, after)
  return true
}

/** Writes `sdk/src/abis.ts` from the compiled contracts. With `--check`: fails when the file differs. */
import { readFileSync, writeFileSync } from 'node:fs'

const CONTRACTS = {
  jobMarketAbi: 'contracts/JobMarket.sol/JobMarket',
  assayTokenAbi: 'contracts/token/AssayToken.sol/AssayToken',
  attestationAbi: 'contracts/verification/Attestation.sol/Attestation',
  replicationAbi: 'contracts/verification/Replication.sol/Replication',
  disputeGameAbi: 'contracts/verification/DisputeGame.sol/DisputeGame',
  timelockAbi: '@openzeppelin/contracts/governance/TimelockController.sol/TimelockController',
}
const TARGET = new URL('../sdk/src/abis.ts', import.meta.url)

const parts = ['// Generated from the contracts by scripts/generate-abis.ts; not to be edited.\n']
for (const [name, path] of Object.entries(CONTRACTS)) {
  const artifact = JSON.parse(readFileSync(new URL(`../artifacts/${path}.json`, import.meta.url), 'utf8'))
  parts.push(`export const ${name} = ${JSON.stringify(artifact.abi, null, 2)} as const\n`)
}
const text = parts.join('\n')

if (!process.argv.includes('--check')) writeFileSync(TARGET, text)
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('sdk/src/abis.ts is stale: run `npm run build`.')
  process.exitCode = 1
}

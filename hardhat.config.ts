import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import hardhatToolbox from '@nomicfoundation/hardhat-toolbox-mocha-ethers'
import hardhatViem from '@nomicfoundation/hardhat-viem'
import { defineConfig } from 'hardhat/config'
import { plainTests } from './scripts/hardhat/plainTests.ts'
import { strictWarnings } from './scripts/hardhat/strictWarnings.ts'
import { campaign } from './scripts/testing/campaign.ts'

const require = createRequire(import.meta.url)

export default defineConfig({
  plugins: [hardhatToolbox, hardhatViem, strictWarnings, plainTests],
  solidity: {
    version: '0.8.37',
    npmFilesToBuild: ['@openzeppelin/contracts/governance/TimelockController.sol'],
    path: require.resolve('solc/soljson.js'),
    settings: {
      viaIR: true,
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 500 },
      // the auditor's storage map is tested against the compiler's
      outputSelection: { '*': { '*': ['storageLayout'] } },
    },
  },
  networks: {
    default: { type: 'edr-simulated', hardfork: 'prague' },
    // The local network of `assay up`: blocks come by the clock, as on a real chain.
    devnet: {
      type: 'edr-simulated',
      hardfork: 'prague',
      chainId: 31_337,
      mining: { auto: false, interval: 1_000 },
    },
    local: { type: 'http', chainType: 'l1', url: process.env.ASSAY_RPC_URL ?? 'http://127.0.0.1:8545' },
  },
  test: {
    solidity: campaign(process.env),
    mocha: {
      reporter: fileURLToPath(new URL('./scripts/testing/countsReporter.ts', import.meta.url)),
      forbidOnly: process.env.ASSAY_TEST_COUNTS !== undefined,
    },
  },
})

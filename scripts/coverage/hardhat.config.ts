// The project's configuration with instrumented contracts, which are compiled into a folder of their own.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'hardhat/config'
import project from '../../hardhat.config.ts'
import { strictWarnings } from '../hardhat/strictWarnings.ts'
import { COVERAGE_FOLDER, coveragePlugin } from './plugin.ts'

const folder = process.env[COVERAGE_FOLDER] ?? join(tmpdir(), 'assay-coverage')

export default defineConfig({
  ...project,
  plugins: [...(project.plugins ?? []).filter((plugin) => plugin !== strictWarnings), coveragePlugin(folder)],
  paths: { cache: join(folder, 'cache'), artifacts: join(folder, 'artifacts') },
  networks: {
    ...project.networks,
    default: {
      type: 'edr-simulated',
      hardfork: 'prague',
      allowUnlimitedContractSize: true,
      // probes fill blocks, and full blocks raise the base fee
      blockGasLimit: 1_000_000_000,
    },
  },
})

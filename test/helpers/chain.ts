import hre from 'hardhat'
import { COVERAGE_FOLDER } from '../../scripts/coverage/plugin.ts'

/**
 * One in-process chain for all contract tests of a run; `loadFixture` gives each test a state of its own.
 * Time only ever moves forward between fixtures, so tests count from the latest block, not from a date.
 */
export const { ethers, networkHelpers } = await hre.network.create()

/** Of that chain. */
export const chainId = 31_337n

/** Whether the contracts carry the probes of coverage: what they spend is then not theirs. */
export const hasProbes = process.env[COVERAGE_FOLDER] !== undefined

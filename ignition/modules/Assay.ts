import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'

/** The rules a new market starts with; amounts in units (6 decimals), shares in basis points, times in seconds. */
export const defaultParameters = {
  feeBps: 100,
  bondBps: 10_000,
  surchargeBps: 10_000,
  latenessBps: 2_000,
  minBond: 1_000_000n,
  baseExposure: 1_000_000_000n,
  minRun: 2,
  minWindow: 2,
  lateRequesterGas: 20_000n,
  lateKeeperGas: 10_000n,
}

/**
 * The token of local chains and the market. Parameters: `supply` (token units minted to the deployer), `owner` and
 * `feeRecipient` (both the deployer if not given), `rules`.
 */
export default buildModule('Assay', (m) => {
  const deployer = m.getAccount(0)
  const owner = m.getParameter('owner', deployer)
  const feeRecipient = m.getParameter('feeRecipient', deployer)
  const rules = m.getParameter('rules', defaultParameters)
  const token = m.contract('AssayToken', [deployer, m.getParameter('supply', 1_000_000_000_000_000n)])
  const market = m.contract('JobMarket', [token, owner, feeRecipient, rules, []])
  return { token, market }
})

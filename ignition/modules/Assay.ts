import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'
import type { ContractFuture, IgnitionModuleBuilder } from '@nomicfoundation/ignition-core'
import { zeroAddress } from 'viem'

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
  keyTime: 600,
}

/**
 * Everything but the token: the market on it, the timelock that governs it and the hooks of its assurance levels.
 * Parameters: `proposer` to the timelock, `guardian` and `feeRecipient` (the deployer if not given); `delay` of the
 * timelock in seconds; `rules`.
 */
export function marketOn(m: IgnitionModuleBuilder, token: ContractFuture<string>) {
  const deployer = m.getAccount(0)
  const proposer = m.getParameter('proposer', deployer)
  const guardian = m.getParameter('guardian', deployer)
  const feeRecipient = m.getParameter('feeRecipient', deployer)
  const delay = m.getParameter('delay', 2 * 86_400)
  const rules = m.getParameter('rules', defaultParameters)
  const timelock = m.contract('TimelockController', [delay, [proposer], [proposer], zeroAddress])
  const attestation = m.contract('Attestation')
  const replication = m.contract('Replication')
  const levels = [
    { hook: zeroAddress, isMediated: false },
    { hook: attestation, isMediated: false },
    { hook: replication, isMediated: true },
  ]
  const store = m.library('ParameterStore')
  const market = m.contract('JobMarket', [token, timelock, guardian, feeRecipient, rules, levels], {
    libraries: { ParameterStore: store },
  })
  return { token, market, timelock, attestation, replication }
}

/** The token of local chains, {@link marketOn} it. Besides its parameters: `supply`, token units minted to the deployer. */
export default buildModule('Assay', (m) =>
  marketOn(m, m.contract('AssayToken', [m.getAccount(0), m.getParameter('supply', 1_000_000_000_000_000n)])),
)

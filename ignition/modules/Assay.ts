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

/** The rules of the dispute game: `moveFee` in units, `turnFloor` in seconds. */
export const defaultGame = { moveFee: 5_000n, turnFloor: 10, stepsPerSecond: 2n ** 20n }

/**
 * Everything but the token: the market on it, the timelock that governs it and the hooks of its assurance levels.
 * Parameters: `proposer` to the timelock, `guardian` and `feeRecipient` (the deployer if not given); `delay` of the
 * timelock in seconds; `rules`; `moveFee`, `turnFloor` and `stepsPerSecond` of the dispute game.
 */
export function marketOn(m: IgnitionModuleBuilder, token: ContractFuture<string>) {
  const deployer = m.getAccount(0)
  const proposer = m.getParameter('proposer', deployer)
  const guardian = m.getParameter('guardian', deployer)
  const feeRecipient = m.getParameter('feeRecipient', deployer)
  const delay = m.getParameter('delay', 2 * 86_400)
  const rules = m.getParameter('rules', defaultParameters)
  const timelock = m.contract('TimelockController', [delay, [proposer], [proposer], zeroAddress])
  const oneStepFloat = m.contract('OneStepFloat')
  const oneStepVm = m.contract('OneStepVM', [oneStepFloat])
  const disputeGame = m.contract('DisputeGame', [
    oneStepVm,
    m.getParameter('moveFee', defaultGame.moveFee),
    m.getParameter('turnFloor', defaultGame.turnFloor),
    m.getParameter('stepsPerSecond', defaultGame.stepsPerSecond),
  ])
  const attestation = m.contract('Attestation')
  const replication = m.contract('Replication')
  const levels = [
    { hook: disputeGame, isMediated: false },
    { hook: attestation, isMediated: false },
    { hook: replication, isMediated: true },
  ]
  const store = m.library('ParameterStore')
  const market = m.contract('JobMarket', [token, timelock, guardian, feeRecipient, rules, levels], {
    libraries: { ParameterStore: store },
  })
  return { token, market, timelock, disputeGame, oneStepVm, attestation, replication }
}

/** The token of local chains, {@link marketOn} it. Besides its parameters: `supply`, token units minted to the deployer. */
export default buildModule('Assay', (m) =>
  marketOn(m, m.contract('AssayToken', [m.getAccount(0), m.getParameter('supply', 1_000_000_000_000_000n)])),
)

import { expect } from 'chai'
import hre from 'hardhat'
import { zeroAddress, zeroHash } from 'viem'
import Assay from '../../ignition/modules/Assay.ts'
import type {
  DisputeGame,
  JobMarket,
  OneStepVM,
  TimelockController,
} from '../../types/ethers-contracts/index.ts'
import { defaultParameters } from '../helpers/defaults.ts'
import { plain } from '../helpers/plain.ts'

const TWO_DAYS = 2n * 86_400n

describe('the deployment', () => {
  async function deploy(parameters: Record<string, string | number> = {}) {
    const { ethers, ignition, networkHelpers } = await hre.network.create()
    const contracts = await ignition.deploy(Assay, { parameters: { Assay: parameters } })
    const [deployer, stranger] = await ethers.getSigners()
    if (deployer === undefined || stranger === undefined) throw new TypeError('the network has no accounts')
    return {
      ...contracts,
      market: contracts.market as unknown as JobMarket,
      timelock: contracts.timelock as unknown as TimelockController,
      time: networkHelpers.time,
      deployer,
      stranger,
    }
  }

  it('offers the levels Optimistic, Attested and, mediated, Replicated, by the default rules', async () => {
    const { market, disputeGame, attestation, replication } = await deploy()
    expect(plain(await market.parametersOf(0n))).to.deep.equal(defaultParameters)
    const levels = await Promise.all([0n, 1n, 2n, 3n].map((level) => market.levelOf(0n, level)))
    expect(levels.map((level) => [level.hook, level.isMediated])).to.deep.equal([
      [await disputeGame.getAddress(), false],
      [await attestation.getAddress(), false],
      [await replication.getAddress(), true],
      [zeroAddress, false],
    ])
  })

  it('has a dispute game by the default rules, whose steps are judged by a contract that is deployed, too', async () => {
    const { disputeGame, oneStepVm } = await deploy()
    const game = disputeGame as unknown as DisputeGame
    const vm = oneStepVm as unknown as OneStepVM
    expect(await game.vm()).to.equal(await vm.getAddress())
    expect([await game.moveFee(), await game.turnFloor(), await game.stepsPerSecond()]).to.deep.equal([
      5_000n,
      10n,
      2n ** 20n,
    ])
    expect(await vm.float()).to.not.equal(zeroAddress)
    const other = await deploy({ moveFee: 7, turnFloor: 11, stepsPerSecond: 13 })
    const ruled = other.disputeGame as unknown as DisputeGame
    expect([await ruled.moveFee(), await ruled.turnFloor(), await ruled.stepsPerSecond()]).to.deep.equal([
      7n,
      11n,
      13n,
    ])
  })

  it('is governed by a timelock of two days that has no admin but itself, and guarded by the deployer', async () => {
    const { market, timelock, deployer } = await deploy()
    expect(await market.timelock()).to.equal(await timelock.getAddress())
    expect(await market.guardian()).to.equal(deployer.address)
    expect(await timelock.getMinDelay()).to.equal(TWO_DAYS)
    const admin = await timelock.DEFAULT_ADMIN_ROLE()
    expect(await timelock.hasRole(admin, deployer.address)).to.equal(false)
    expect(await timelock.hasRole(admin, await timelock.getAddress())).to.equal(true)
  })

  it('gives every part to whom it is told', async () => {
    const [proposer, guardian, feeRecipient] = [
      `0x${'11'.repeat(20)}`,
      `0x${'22'.repeat(20)}`,
      `0x${'33'.repeat(20)}`,
    ]
    const { market, timelock, deployer } = await deploy({ proposer, guardian, feeRecipient, delay: 7 })
    expect(await market.guardian()).to.equal(guardian)
    expect(await market.feeRecipient()).to.equal(feeRecipient)
    expect(await timelock.getMinDelay()).to.equal(7n)
    for (const role of [
      await timelock.PROPOSER_ROLE(),
      await timelock.EXECUTOR_ROLE(),
      await timelock.CANCELLER_ROLE(),
    ]) {
      expect(await timelock.hasRole(role, proposer)).to.equal(true)
      expect(await timelock.hasRole(role, deployer.address)).to.equal(false)
    }
  })

  it('lets its proposer add a set of rules once its delay has passed, and nobody before or otherwise', async () => {
    const { market, timelock, time, deployer, stranger } = await deploy()
    const rules = { ...defaultParameters, feeBps: 50n }
    const levels = await Promise.all(
      [0n, 1n, 2n].map(async (level) => {
        const { hook, isMediated } = await market.levelOf(0n, level)
        return { hook, isMediated }
      }),
    )
    const data = market.interface.encodeFunctionData('addParameters', [rules, levels])
    const proposal = [await market.getAddress(), 0n, data, zeroHash, zeroHash] as const
    await expect(market.connect(deployer).addParameters(rules, levels))
      .to.be.revertedWithCustomError(market, 'GovernedNotTimelock')
      .withArgs(deployer.address, await timelock.getAddress())
    await expect(timelock.connect(stranger).schedule(...proposal, TWO_DAYS))
      .to.be.revertedWithCustomError(timelock, 'AccessControlUnauthorizedAccount')
      .withArgs(stranger.address, await timelock.PROPOSER_ROLE())
    await timelock.connect(deployer).schedule(...proposal, TWO_DAYS)
    await expect(timelock.connect(deployer).execute(...proposal)).to.be.revertedWithCustomError(
      timelock,
      'TimelockUnexpectedOperationState',
    )
    await time.increase(TWO_DAYS)
    await timelock.connect(deployer).execute(...proposal)
    expect(await market.currentParameters()).to.deep.equal([1n, false])
    expect(plain(await market.parametersOf(1n))).to.deep.equal(rules)
  })
})

import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { defaultParameters } from '../../helpers/defaults.ts'
import { busyMarket, createMarket, type World } from '../../helpers/fixtures.ts'
import { chainId } from '../../helpers/jobs.ts'

describe('Governed, at its deployment', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const deploy = async (timelock: string) =>
    createMarket([
      ...[await world.token.getAddress(), timelock, world.actors.keeper.address],
      ...[world.actors.treasury.address, defaultParameters, []],
    ])

  it('keeps the timelock and names the guardian, with an event', async () => {
    const { timelock, actors } = world
    const market = await deploy(await timelock.getAddress())
    expect(await market.timelock()).to.equal(await timelock.getAddress())
    expect(await market.guardian()).to.equal(actors.keeper.address)
    await expect(market.deploymentTransaction())
      .to.emit(market, 'GuardianChanged')
      .withArgs(actors.keeper.address)
  })

  it('says who it is to those who sign for it', async () => {
    const { market, address } = world
    const { name, version, chainId: id, verifyingContract } = await market.eip712Domain()
    expect([name, version, id, verifyingContract]).to.deep.equal(['Assay', '1', chainId, address])
  })

  it('refuses an account without code as timelock', async () => {
    await expect(deploy(world.actors.eve.address)).to.be.revert(ethers)
    await expect(deploy(ethers.ZeroAddress)).to.be.revert(ethers)
  })

  it('refuses another contract as timelock', async () => {
    await expect(deploy(await world.token.getAddress())).to.be.revert(ethers)
  })
})

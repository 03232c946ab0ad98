import { expect } from 'chai'
import type { AssayToken } from '../../types/ethers-contracts/index.ts'
import { type Actors, getActors } from '../helpers/actors.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { emptyMarket, type World } from '../helpers/fixtures.ts'
import { signPermit } from '../helpers/permit.ts'
import { at, now } from '../helpers/time.ts'

const SUPPLY = 10n ** 15n

describe('AssayToken', () => {
  let actors: Actors
  let token: AssayToken

  async function freshToken() {
    const all = await getActors()
    return { all, fresh: await ethers.deployContract('AssayToken', [all.owner.address, SUPPLY]) }
  }

  beforeEach(async () => {
    const { all, fresh } = await networkHelpers.loadFixture(freshToken)
    actors = all
    token = fresh
  })

  it('has a name, a symbol and the 6 decimals of a stablecoin', async () => {
    expect([await token.name(), await token.symbol(), await token.decimals()]).to.deep.equal([
      'Assay Token',
      'ASSAY',
      6n,
    ])
  })

  it('gives the whole supply to its holder; nobody can make more', async () => {
    expect(await token.totalSupply()).to.equal(SUPPLY)
    expect(await token.balanceOf(actors.owner)).to.equal(SUPPLY)
    const changing = token.interface.fragments
      .filter((fragment) => fragment.type === 'function')
      .map((fragment) => fragment.format('minimal'))
      .filter((signature) => !signature.includes('view') && !signature.includes('pure'))
    expect(changing).to.have.length(4)
    expect(changing.join()).to.match(/approve.*permit.*transfer.*transferFrom/)
  })

  it('moves tokens, with an event', async () => {
    const { owner, eve } = actors
    await expect(token.transfer(eve.address, 5n))
      .to.emit(token, 'Transfer')
      .withArgs(owner.address, eve.address, 5n)
    expect(await token.balanceOf(eve)).to.equal(5n)
    await expect(token.connect(eve).transfer(owner.address, 6n))
      .to.be.revertedWithCustomError(token, 'ERC20InsufficientBalance')
      .withArgs(eve.address, 5n, 6n)
  })

  it('lets a spender move what it was allowed', async () => {
    const { owner, eve, keeper } = actors
    await token.approve(eve.address, 5n)
    await token.connect(eve).transferFrom(owner.address, keeper.address, 3n)
    expect(await token.allowance(owner, eve)).to.equal(2n)
    await expect(token.connect(eve).transferFrom(owner.address, keeper.address, 3n))
      .to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
      .withArgs(eve.address, 2n, 3n)
  })

  describe('permit', () => {
    let world: World

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(emptyMarket)
      token = world.token
      actors = world.actors
    })

    const permit = async (value: bigint, deadline: bigint, signer = actors.owner) => {
      const { v, r, s } = await signPermit(world, signer, value, deadline)
      return () =>
        token.connect(actors.keeper).permit(actors.owner.address, world.address, value, deadline, v, r, s)
    }

    it('allows by signature, once', async () => {
      const send = await permit(5n, ethers.MaxUint256)
      await send()
      expect(await token.allowance(actors.owner, world.address)).to.equal(5n)
      expect(await token.nonces(actors.owner)).to.equal(1n)
      await expect(send()).to.be.revertedWithCustomError(token, 'ERC2612InvalidSigner')
    })

    it('refuses the signature of somebody else', async () => {
      const send = await permit(5n, ethers.MaxUint256, actors.eve)
      await expect(send()).to.be.revertedWithCustomError(token, 'ERC2612InvalidSigner')
    })

    it('holds until its deadline', async () => {
      const deadline = (await now()) + 100n
      const send = await permit(5n, deadline)
      await at(deadline, send)
      const late = await permit(5n, deadline)
      await expect(at(deadline + 1n, late))
        .to.be.revertedWithCustomError(token, 'ERC2612ExpiredSignature')
        .withArgs(deadline)
    })
  })
})

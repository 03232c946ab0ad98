import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { type Attack, BALANCE, callbackMarket, type Encode, encoderOf, STAKE } from '../helpers/callbacks.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { draft, type Job, post } from '../helpers/jobs.ts'
import { heldOf, purseOf } from '../helpers/money.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { packTerms } from '../helpers/terms.ts'

describe('A token that calls back', () => {
  let world: Attack
  let job: Job

  let call: Encode

  /** Calls `outer` on the market; during its token transfer the attacker calls `inner`. */
  const strike = async (outer: [string, unknown[]], inner: [string, unknown[]], target = world.address) => {
    const encode = target === world.address ? call : encoderOf(world.token.interface)
    const data = encode(...inner)
    await world.attacker.arm(target, data, false)
    await world.attacker.execute(world.address, call(...outer))
    expect(await world.attacker.called(), 'the callback happened').to.equal(true)
    await expectSolvent(world)
    return world.attacker.succeeded()
  }
  const purse = () => purseOf(world, world.thief)
  const tokens = () => world.token.balanceOf(world.thief)

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(callbackMarket)
    call = encoderOf(world.market.interface)
    job = await post(world)
  })

  const outers = {
    deposit: (amount: bigint): [string, unknown[]] => ['deposit', [amount]],
    withdraw: (amount: bigint): [string, unknown[]] => ['withdraw', [world.thief, amount]],
  }

  for (const outer of ['deposit', 'withdraw'] as const) {
    const sign = outer === 'deposit' ? 1n : -1n

    describe(`during ${outer}`, () => {
      if (outer === 'deposit') {
        for (const inner of ['deposit', 'depositWithPermit'] as const) {
          it(`refuses ${inner} with ReentrancyGuardReentrantCall`, async () => {
            const before = { ...(await purse()), tokens: await tokens() }
            const args = {
              deposit: [5n],
              depositWithPermit: [5n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash],
            }[inner]
            expect(await strike(outers.deposit(7n), [inner, args])).to.equal(false)
            const error = world.market.interface.parseError(await world.attacker.answer())
            expect(error?.name).to.equal('ReentrancyGuardReentrantCall')
            const after = { ...(await purse()), tokens: await tokens() }
            const balance = before.balance + 7n
            expect(after).to.deep.equal({ ...before, balance, tokens: before.tokens - 7n })
          })
        }
      }

      it('counts stake once that is moved meanwhile', async () => {
        const before = await purse()
        expect(await strike(outers[outer](7n), ['stake', [5n]])).to.equal(true)
        const balance = before.balance + sign * 7n - 5n
        expect(await purse()).to.deep.equal({ ...before, balance, stake: before.stake + 5n })
      })

      it('counts stake once that is taken back meanwhile', async () => {
        const before = await purse()
        expect(await strike(outers[outer](7n), ['unstake', [STAKE]])).to.equal(true)
        expect(await purse()).to.deep.equal({
          ...before,
          balance: before.balance + sign * 7n + STAKE,
          stake: 0n,
        })
      })

      it('counts units once that are sent on meanwhile', async () => {
        const before = await purse()
        const keeper = world.actors.keeper.address
        const theirs = await purseOf(world, keeper)
        expect(await strike(outers[outer](7n), ['transfer', [keeper, 5n, '0x']])).to.equal(true)
        expect(await purse()).to.deep.equal({ ...before, balance: before.balance + sign * 7n - 5n })
        expect(await purseOf(world, keeper)).to.deep.equal({ ...theirs, balance: theirs.balance + 5n })
      })

      it('counts the price of a job posted meanwhile', async () => {
        const before = await purse()
        const terms = packTerms(await draft({ maxPrice: 11n }))
        expect(await strike(outers[outer](7n), ['post', [terms]])).to.equal(true)
        expect(await purse()).to.deep.equal({ ...before, balance: before.balance + sign * 7n - 11n })
      })

      it('counts the bond of a job claimed meanwhile', async () => {
        const before = await purse()
        expect(await strike(outers[outer](7n), ['claim', [job.jobId]])).to.equal(true)
        const { bond } = await world.market.getJob(job.jobId)
        const balance = before.balance + sign * 7n
        expect(await purse()).to.deep.equal({ ...before, balance, locked: bond, active: 1n })
      })
    })
  }

  it('cannot spend a deposit before it has arrived', async () => {
    await world.attacker.execute(world.address, call('withdraw', [world.thief, BALANCE]))
    expect((await purse()).balance).to.equal(0n)
    expect(await strike(outers.deposit(7n), ['stake', [7n]])).to.equal(false)
    const error = world.market.interface.parseError(await world.attacker.answer())
    expect([error?.name, ...(error?.args ?? [])]).to.deep.equal(['AccountInsufficientBalance', 0n, 7n])
    expect((await purse()).balance).to.equal(7n)
  })

  it('cannot send on a deposit before it has arrived, nor what a withdrawal takes', async () => {
    const keeper = world.actors.keeper.address
    expect(await strike(outers.withdraw(BALANCE), ['transfer', [keeper, 1n, '0x']])).to.equal(false)
    expect((await purse()).balance).to.equal(0n)
    expect(await strike(outers.deposit(7n), ['transfer', [keeper, 7n, '0x']])).to.equal(false)
    expect((await purse()).balance).to.equal(7n)
  })

  it('cannot withdraw the whole balance and spend it too', async () => {
    expect(await strike(outers.withdraw(BALANCE), ['stake', [1n]])).to.equal(false)
    expect((await purse()).balance).to.equal(0n)
  })

  it('cannot pass off a gift as a deposit', async () => {
    const data = world.token.interface.encodeFunctionData('transfer', [world.address, 3n])
    await world.attacker.arm(world.tokenAddress, data, false)
    const sending = world.attacker.execute(world.address, call('deposit', [7n]))
    await expectRevert(world, sending, 'LedgerReceivedWrongAmount', [10n, 7n])
  })

  it('leaves a gift made during a withdrawal as a surplus', async () => {
    const before = await purse()
    const gift: [string, unknown[]] = ['transfer', [world.address, 3n]]
    expect(await strike(outers.withdraw(7n), gift, world.tokenAddress)).to.equal(true)
    expect((await purse()).balance).to.equal(before.balance - 7n)
    expect(await world.token.balanceOf(world.address)).to.equal((await heldOf(world)) + 3n)
    expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Open'))
  })

  describe('with a withdrawal inside of another call, which no guard stops', () => {
    /** All of an account that is not in a job: what it may take out of the market, and what it holds. */
    const wealth = async () => (await purse()).balance + (await tokens())

    it('pays out both, each once', async () => {
      const before = { ...(await purse()), tokens: await tokens() }
      expect(await strike(outers.withdraw(7n), ['withdraw', [world.thief, 5n]])).to.equal(true)
      const after = { ...(await purse()), tokens: await tokens() }
      const balance = before.balance - 12n
      expect(after).to.deep.equal({ ...before, balance, tokens: before.tokens + 12n })
    })

    it('takes no more than the balance in two halves that are each all of it', async () => {
      const before = await wealth()
      expect(await strike(outers.withdraw(BALANCE), ['withdraw', [world.thief, BALANCE]])).to.equal(false)
      const error = world.market.interface.parseError(await world.attacker.answer())
      expect([error?.name, ...(error?.args ?? [])]).to.deep.equal(['AccountInsufficientBalance', 0n, BALANCE])
      expect((await wealth()) - before).to.equal(0n)
    })

    it('reverts as a whole where the inner one insists on more than there is', async () => {
      await world.attacker.arm(world.address, call('withdraw', [world.thief, 5n]), true)
      const sending = world.attacker.execute(world.address, call('withdraw', [world.thief, BALANCE]))
      await expectRevert(world, sending, 'AccountInsufficientBalance', [0n, 5n])
    })

    it('deposits what the outer withdrawal paid out, and gains nothing by it', async () => {
      const before = await wealth()
      expect(await strike(outers.withdraw(7n), ['deposit', [7n]])).to.equal(true)
      expect((await wealth()) - before).to.equal(0n)
    })

    it('makes a deposit revert, whose tokens did not all arrive', async () => {
      const before = await wealth()
      await world.attacker.arm(world.address, call('withdraw', [world.thief, 5n]), false)
      const sending = world.attacker.execute(world.address, call('deposit', [7n]))
      await expectRevert(world, sending, 'LedgerReceivedWrongAmount', [2n, 7n])
      expect((await wealth()) - before).to.equal(0n)
      await expectSolvent(world)
    })
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import type { MoneyHarness } from '../../../types/ethers-contracts/index.ts'
import { ethers } from '../../helpers/chain.ts'
import { defaultParameters, MAX_UNITS, type Parameters } from '../../helpers/defaults.ts'
import { bits, forAll, units } from '../../helpers/property.ts'
import {
  bondFor,
  exposureLimit,
  min,
  releasePenalty,
  roundUpToFloat,
  splitFraud,
  splitLateness,
} from '../../helpers/reference.ts'

/** Any set that `addParameters` lets pass, as far as bonds depend on it. */
const anyParameters: fc.Arbitrary<Parameters> = fc
  .record({
    bondBps: fc.bigInt({ min: 2_000n, max: 50_000n }),
    surchargeBps: fc.bigInt({ min: 0n, max: 30_000n }),
    latenessBps: fc.bigInt({ min: 0n, max: 2_000n }),
    minBond: units,
    baseExposure: units,
    gas: bits(80),
  })
  .map(({ gas, ...rest }) => {
    const lateRequesterGas = min(gas, rest.minBond)
    return { ...defaultParameters, ...rest, lateRequesterGas, lateKeeperGas: rest.minBond - lateRequesterGas }
  })

describe('Bonding', () => {
  let harness: MoneyHarness

  const given = async (parameters: Partial<Parameters>) => {
    const p = { ...defaultParameters, ...parameters }
    await harness.setParameters(p)
    return p
  }

  before(async () => {
    harness = await ethers.deployContract('MoneyHarness')
  })

  describe('exposureLimit', () => {
    // JM-51
    it('is the base and ten times the reputation', async () => {
      await given({ baseExposure: 7n })
      expect(await harness.exposureLimit(0n)).to.equal(7n)
      expect(await harness.exposureLimit(3n)).to.equal(37n)
      expect(await harness.exposureLimit(MAX_UNITS)).to.equal(10n * MAX_UNITS + 7n)
    })
  })

  // JM-23
  describe('bondFor', () => {
    const cases: [string, Partial<Parameters>, bigint, bigint, bigint][] = [
      ['the least bond and the whole surcharge for a newcomer', {}, 1n, 0n, 2_000_128n],
      ['the price and the whole surcharge', {}, 5_250_002n, 0n, 10_500_096n],
      ['half of the surcharge where reputation doubles the limit', {}, 4_096_000n, 100_000_000n, 6_144_000n],
      ['a price share rounded up', { bondBps: 2_001n, surchargeBps: 0n, minBond: 0n }, 4n, 0n, 1n],
      ['a surcharge rounded up', { surchargeBps: 1n, minBond: 0n }, 9_999n, 0n, 10_000n],
      [
        'no surcharge where the base exposure is zero and reputation is not',
        { baseExposure: 0n },
        1n,
        1n,
        1_000_064n,
      ],
      ['all of it where both are zero', { baseExposure: 0n }, 1n, 0n, 2_000_128n],
      ['nothing for nothing', { minBond: 0n }, 0n, 0n, 0n],
    ]
    for (const [title, parameters, price, reputation, bond] of cases) {
      it(`asks for ${title}`, async () => {
        await given(parameters)
        expect(await harness.bondFor(price, reputation)).to.equal(bond)
      })
    }

    it('is that of the reference, and fits its float for the largest price', async () => {
      await forAll([anyParameters, units, units], async (parameters, price, reputation) => {
        const p = await given(parameters)
        expect(await harness.bondFor(price, reputation)).to.equal(bondFor(p, price, reputation))
      })
    })

    // JM-51
    it('never falls with the price, never rises with reputation, is never below share and least bond', async () => {
      await forAll([anyParameters, units, units, units], async (parameters, price, reputation, more) => {
        const p = await given(parameters)
        const bond = await harness.bondFor(price, reputation)
        const dearer = min(price + more, MAX_UNITS)
        expect((await harness.bondFor(dearer, reputation)) >= bond).to.equal(true)
        expect((await harness.bondFor(price, reputation + more)) <= bond).to.equal(true)
        expect(bond >= p.minBond && bond * 10_000n >= price * p.bondBps).to.equal(true)
      })
    })
  })

  describe('splitFraud', () => {
    const parts = (bond: bigint, price: bigint, moves: bigint) =>
      harness
        .splitFraud(bond, price, moves)
        .then(({ toRequester, toHook, toReserve }) => [toRequester, toHook, toReserve])

    for (const [bond, price, moves, expected] of [
      [0n, 5n, 5n, [0n, 0n, 0n]],
      [1n, 5n, 5n, [0n, 0n, 1n]],
      [4n, 5n, 0n, [1n, 0n, 3n]],
      [10n, 100n, 0n, [3n, 2n, 5n]],
      [10n, 1n, 0n, [1n, 2n, 7n]],
      [10n, 100n, 3n, [2n, 3n, 5n]],
      [10n, 100n, 5n, [0n, 5n, 5n]],
      [10n, 100n, 6n, [0n, 5n, 5n]],
      [10n, 1n, 9n, [0n, 3n, 7n]],
      [19n, 100n, 0n, [5n, 3n, 11n]],
      [10n ** 24n, MAX_UNITS, 2n ** 256n - 1n, [0n, 5n * 10n ** 23n, 5n * 10n ** 23n]],
    ] as const) {
      it(`divides ${bond} at a price of ${price} and moves of ${moves > MAX_UNITS ? 'any price' : moves}`, async () => {
        expect(await parts(bond, price, moves)).to.deep.equal(expected)
      })
    }

    // JM-45
    it('is that of the reference; adds up; leaves at least half to the reserve; pays moves first', async () => {
      await forAll([bits(85), units, bits(96)], async (bond, price, moves) => {
        const [toRequester = 0n, toHook = 0n, toReserve = 0n] = await parts(bond, price, moves)
        expect({ toRequester, toHook, toReserve }).to.deep.equal(splitFraud(bond, price, moves))
        expect(toRequester + toHook + toReserve).to.equal(bond)
        expect(2n * toReserve >= bond).to.equal(true)
        expect(toRequester <= price && 10n * toRequester <= 3n * bond).to.equal(true)
        // the hook has its fifth, and more of it only for moves and only out of the requester's part
        expect(toHook === bond / 5n || (toHook <= moves && toHook + toRequester <= bond / 2n)).to.equal(true)
      })
    })
  })

  describe('splitLateness', () => {
    const parts = (bond: bigint) =>
      harness
        .splitLateness(bond)
        .then(({ total, toRequester, toKeeper, toReserve }) => ({ total, toRequester, toKeeper, toReserve }))

    it('pays the requester, then the keeper, then the reserve', async () => {
      await given({ latenessBps: 2_000n, lateRequesterGas: 10n, lateKeeperGas: 5n })
      expect(await parts(4n)).to.deep.equal({ total: 0n, toRequester: 0n, toKeeper: 0n, toReserve: 0n })
      expect(await parts(49n)).to.deep.equal({ total: 9n, toRequester: 9n, toKeeper: 0n, toReserve: 0n })
      expect(await parts(60n)).to.deep.equal({ total: 12n, toRequester: 10n, toKeeper: 2n, toReserve: 0n })
      expect(await parts(80n)).to.deep.equal({ total: 16n, toRequester: 10n, toKeeper: 5n, toReserve: 1n })
    })

    // JM-41
    it('is that of the reference, adds up, and is at most a fifth', async () => {
      await forAll([anyParameters, bits(85)], async (parameters, bond) => {
        const p = await given(parameters)
        const split = await parts(bond)
        expect(split).to.deep.equal(splitLateness(p, bond))
        expect(split.toRequester + split.toKeeper + split.toReserve).to.equal(split.total)
        expect(5n * split.total <= bond).to.equal(true)
      })
    })
  })

  describe('releasePenalty', () => {
    // JM-24
    it('is 2 % of the price, rounded down, and at most the bond', async () => {
      expect(await harness.releasePenalty(49n, 100n)).to.equal(0n)
      expect(await harness.releasePenalty(50n, 100n)).to.equal(1n)
      expect(await harness.releasePenalty(99n, 100n)).to.equal(1n)
      expect(await harness.releasePenalty(5_050n, 100n)).to.equal(100n)
      expect(await harness.releasePenalty(MAX_UNITS, 100n)).to.equal(100n)
    })

    it('is that of the reference', async () => {
      await forAll([units, bits(85)], async (price, bond) => {
        expect(await harness.releasePenalty(price, bond)).to.equal(releasePenalty(price, bond))
      })
    })
  })

  it('rounds a bond to what the claim stores: a float', async () => {
    await forAll([anyParameters, units], async (parameters, price) => {
      await given(parameters)
      const bond = await harness.bondFor(price, 0n)
      expect(roundUpToFloat(bond)).to.equal(bond)
    })
  })
})

describe('Bonding, for whoever starts over', () => {
  it('never asks less of a new identity than of one with a history', async () => {
    const harness = await ethers.deployContract('MoneyHarness')
    await forAll([anyParameters, units, units], async (parameters, price, reputation) => {
      await harness.setParameters(parameters)
      const [fresh, seasoned] = [await harness.bondFor(price, 0n), await harness.bondFor(price, reputation)]
      expect(fresh >= seasoned).to.equal(true)
      expect(exposureLimit(parameters, 0n) <= exposureLimit(parameters, reputation)).to.equal(true)
    })
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { type Hex, toHex, zeroHash } from 'viem'
import {
  decodeJobTerms,
  decodeResources,
  decodeUFloat20,
  encodeJobTerms,
  encodeResources,
  encodeUFloat20,
  InvalidIntegerError,
  type JobTerms,
  jobMarketAbi,
  randomNonce,
  ValueOutOfRangeError,
} from '../src/index.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'
import { check, checkAsync, seeded } from './helpers/property.ts'
import { rejection } from './helpers/rejection.ts'

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const int = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
const hash: fc.Arbitrary<Hex> = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes))

const resources = fc.record({
  cores: int(8),
  memoryMiB: fc.integer({ min: 0, max: 4095 * 256 }),
  diskGiB: int(12),
})

const terms: fc.Arbitrary<JobTerms> = fc
  .record({
    programId: hash,
    inputsRoot: hash,
    sharedInput: hash,
    // Small amounts as often as large ones: rounding shows there.
    maxPrice: fc.oneof(uint(8), uint(16), uint(40), uint(80)),
    share: fc.integer({ min: 0, max: 1_000_000 }),
    ramp: int(24),
    run: int(24),
    window: int(24),
    minReputation: fc.oneof(uint(13), uint(40), uint(120)),
    floor: resources,
    level: fc.oneof(
      fc.constantFrom('optimistic' as const, 'attested' as const, 'replicated' as const),
      fc.integer({ min: 3, max: 255 }),
    ),
    assurance: hash,
    isPrivate: fc.boolean(),
    meteredBps: int(16),
    expects: fc.option(fc.record({ parametersId: fc.integer({ min: 1, max: 4_095 }), feeBps: int(16) })),
    tasks: int(32),
    claimBy: int(32),
    stepLimit: uint(64),
    maxOutput: int(32),
    maxPages: int(16),
    nonce: uint(64),
    dataUri: fc.string({ unit: 'grapheme' }),
  })
  .map(({ share, ...rest }) => ({ ...rest, minPrice: (rest.maxPrice * BigInt(share)) / 1_000_000n }))

describe('terms of a job', () => {
  describe(seeded('any terms'), () => {
    it('come back with what rounding left of them, and encode to the same words again', () => {
      check(
        fc.property(terms, (given) => {
          const encoded = encodeJobTerms(given)
          const decoded = decodeJobTerms(encoded)
          expect(encodeJobTerms(decoded)).to.deep.equal(encoded)
          const { minPrice, minReputation, floor, ...exact } = given
          expect(decoded).to.deep.include(exact)
          expect(decoded.minPrice <= minPrice).to.equal(true)
          expect(minPrice - decoded.minPrice <= given.maxPrice / 10_000n).to.equal(true)
          expect(decoded.minReputation >= minReputation).to.equal(true)
          expect(decoded.minReputation - minReputation <= minReputation >> 12n).to.equal(true)
          expect(decoded.floor).to.include({ cores: floor.cores, diskGiB: floor.diskGiB })
          expect(decoded.floor.memoryMiB - floor.memoryMiB).to.be.within(0, 255)
        }),
      )
    })

    it('name the parameters that they expect in the upper 28 bits of the rules, else leave them zero', () => {
      check(
        fc.property(terms, (given) => {
          const { parametersId = 0, feeBps = 0 } = given.expects ?? {}
          return encodeJobTerms(given).rules >> 228n === BigInt(parametersId | (feeBps << 12))
        }),
      )
    })

    it('leave the bit of the market zero', () => {
      check(fc.property(terms, (given) => ((encodeJobTerms(given).rules >> 95n) & 1n) === 0n))
    })

    it('are public, at a fixed price, without assurance and under any parameters where nothing is said', () => {
      const { isPrivate, meteredBps, assurance, expects, ...rest } = plainTerms
      expect(encodeJobTerms(rest)).to.deep.equal(encodeJobTerms(plainTerms))
      expect({ isPrivate, meteredBps, assurance, expects }).to.deep.equal({
        ...{ isPrivate: false, meteredBps: 0, assurance: zeroHash, expects: null },
      })
    })
  })

  describe('a field that cannot be expressed', () => {
    const refused: [string, Partial<JobTerms>][] = [
      ['maxPrice', { maxPrice: 1n << 80n }],
      ['maxPrice', { maxPrice: -1n }],
      ['minPrice', { minPrice: 3n, maxPrice: 2n }],
      ['minPrice', { minPrice: -1n }],
      ['ramp', { ramp: 2 ** 24 }],
      ['window', { window: -1 }],
      ['minReputation', { minReputation: 1n << 140n }],
      ['cores', { floor: { cores: 256, memoryMiB: 0, diskGiB: 0 } }],
      ['memoryMiB', { floor: { cores: 0, memoryMiB: 4095 * 256 + 1, diskGiB: 0 } }],
      ['level', { level: 256 }],
      ['tasks', { tasks: 2 ** 32 }],
      ['maxPages', { maxPages: 2 ** 16 }],
      ['meteredBps', { meteredBps: 2 ** 16 }],
      ['parametersId', { expects: { parametersId: 4_096, feeBps: 0 } }],
      ['nonce', { nonce: 1n << 64n }],
    ]
    for (const [field, change] of refused) {
      it(`is refused by name: ${field} of ${JSON.stringify(Object.values(change)[0], textOf)}`, async () => {
        const given = { ...decodeJobTerms(encodeJobTerms(plainTerms)), ...change }
        const error = await rejection(
          Promise.resolve().then(() => encodeJobTerms(given)),
          ValueOutOfRangeError,
        )
        expect(error.field).to.equal(field)
      })
    }

    it('is refused when it is no whole number', async () => {
      const work = Promise.resolve().then(() => encodeJobTerms({ ...plainTerms, run: 1.5 }))
      const { field, value } = await rejection(work, InvalidIntegerError)
      expect({ field, value }).to.deep.equal({ field: 'run', value: 1.5 })
    })
  })

  describe('compared with the contract', () => {
    let chain: TestChain
    before(async () => {
      chain = await startChain()
    })
    after(() => chain.close())

    it(seeded('gives equal ids'), async () => {
      const client = chain.client('eve')
      const requester = chain.accounts.requester.address
      await checkAsync(
        fc.asyncProperty(terms, async (given) => {
          const ofContract = await client.readContract({
            address: chain.market,
            abi: jobMarketAbi,
            functionName: 'jobIdOf',
            args: [requester, encodeJobTerms(given)],
          })
          expect(await client.getJobId({ requester, terms: given })).to.equal(ofContract)
        }),
      )
    })

    it('is what getJob and getJobTerms read back', async () => {
      const { requester } = await fund(chain)
      const given: JobTerms = {
        ...plainTerms,
        ...(await someTerms(chain)),
        ...{ isPrivate: true, meteredBps: 2_500, assurance: zeroHash, expects: null },
        maxPrice: units('3'),
        minPrice: units('1'),
        minReputation: 123_456_789n,
        floor: { cores: 3, memoryMiB: 1000, diskGiB: 7 },
        nonce: randomNonce(),
      }
      const { jobId } = await requester.postSync({ terms: given })
      expect(jobId).to.equal(await requester.getJobId({ terms: given }))
      const canonical = decodeJobTerms(encodeJobTerms(given))
      expect(await requester.getJobTerms({ jobId })).to.deep.equal(canonical)
      const { tasks, minPrice, minReputation, floor, ramp, run, window, level, claimBy } = canonical
      expect(await requester.getJob({ jobId })).to.deep.include({
        ...{ tasks, minPrice, minReputation, floor, ramp, run, window, level, claimBy },
        requester: chain.accounts.requester.address,
      })
    })
  })
})

describe(seeded('packed values'), () => {
  it('resources come back, memory rounded up to 256 MiB', () => {
    expect(encodeResources({ cores: 4, memoryMiB: 2048, diskGiB: 1 })).to.equal(0x00_1_008_04)
    check(fc.property(int(32), (bits) => encodeResources(decodeResources(bits)) === bits))
  })

  it('a 20-bit amount is the smallest that is at least the value', () => {
    expect(encodeUFloat20(8191n)).to.equal(8191)
    expect(decodeUFloat20(encodeUFloat20(8193n))).to.equal(8194n)
    expect(decodeUFloat20(encodeUFloat20((1n << 40n) - 1n))).to.equal(1n << 40n)
    check(
      fc.property(fc.oneof(uint(14), uint(60), uint(127)), (value) => {
        const bits = encodeUFloat20(value)
        expect(decodeUFloat20(bits) >= value).to.equal(true)
        // The representable amount below, where there is one.
        if (value > 8191n) expect(decodeUFloat20(bits - 1) < value).to.equal(true)
      }),
    )
  })
})

const plainTerms: JobTerms = {
  programId: zeroHash,
  inputsRoot: zeroHash,
  sharedInput: zeroHash,
  maxPrice: 2n,
  minPrice: 1n,
  ramp: 0,
  run: 60,
  window: 60,
  minReputation: 0n,
  floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
  level: 'optimistic',
  isPrivate: false,
  meteredBps: 0,
  assurance: zeroHash,
  expects: null,
  tasks: 1,
  claimBy: 1,
  stepLimit: 1n,
  maxOutput: 0,
  maxPages: 1,
  nonce: 0n,
  dataUri: '',
}

function textOf(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}

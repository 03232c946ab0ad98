import { expect } from 'chai'
import { OutputFormatError } from '../errors.ts'
import {
  blackScholes,
  type EuropeanOption,
  normalCdf,
  optionInputs,
  reduceEstimate,
} from '../options/pricing.ts'
import { loadProgram } from '../programs.ts'
import { outputsOf, runTask } from './host.ts'

const call: EuropeanOption = { kind: 'call', spot: 42, strike: 40, rate: 0.1, volatility: 0.2, years: 0.5 }
const put: EuropeanOption = {
  kind: 'put',
  spot: 95,
  strike: 100,
  rate: 0.03,
  dividend: 0.02,
  volatility: 0.35,
  years: 2,
}

describe('option pricer', () => {
  let module: WebAssembly.Module

  before(async () => {
    module = new WebAssembly.Module(await loadProgram('options'))
  })

  for (const option of [call, put]) {
    it(`prices a ${option.kind} like Black and Scholes`, async () => {
      const outputs = await outputsOf(module, optionInputs(option, { tasks: 20, samples: 20_000 }))
      const { price, standardError, samples } = reduceEstimate(outputs)
      expect(samples).to.equal(400_000)
      expect(standardError / price).to.be.below(0.002)
      expect(Math.abs(price - blackScholes(option))).to.be.below(3 * standardError)
    })
  }

  it('states its error honestly: 95 % of the intervals hold the price', async () => {
    const inputs = optionInputs(call, { tasks: 600, samples: 400, seed: 1000n })
    const exact = blackScholes(call)
    const held = (await outputsOf(module, inputs)).filter((output) => {
      const { low, high } = reduceEstimate([output])
      return low <= exact && exact <= high
    })
    // Mean 570, standard deviation 5.3.
    expect(held.length).to.be.within(554, 586)
  })

  it('draws another stream for another seed, the same for the same', async () => {
    const inputs = optionInputs(call, { tasks: 2, samples: 10, seed: 7n })
    const again = optionInputs(call, { tasks: 1, samples: 10, seed: 8n })
    const [first, second] = await outputsOf(module, inputs)
    const [repeated] = await outputsOf(module, again)
    expect(second).not.to.deep.equal(first)
    expect(repeated).to.deep.equal(second)
  })

  it('knows the price when nothing is uncertain', async () => {
    const certain: EuropeanOption = { ...call, volatility: 0 }
    const { price, standardError } = reduceEstimate(
      await outputsOf(module, optionInputs(certain, { tasks: 1, samples: 9 })),
    )
    expect(price).to.be.closeTo(42 - 40 * Math.exp(-0.05), 1e-12)
    expect(standardError).to.be.below(1e-6)
  })

  it('exits with code 2 when the input is not a request', async () => {
    const [input] = optionInputs(call, { tasks: 1, samples: 1 }) as [Uint8Array]
    const [empty] = optionInputs(call, { tasks: 1, samples: 0 }) as [Uint8Array]
    const [negative] = optionInputs({ ...call, spot: -1 }, { tasks: 1, samples: 1 }) as [Uint8Array]
    const [unknown] = optionInputs({ ...call, volatility: Number.NaN }, { tasks: 1, samples: 1 }) as [
      Uint8Array,
    ]
    const third = input.slice().fill(2, 0, 1)
    for (const wrong of [input.subarray(1), empty, negative, unknown, third]) {
      expect(await runTask(module, { input: wrong })).to.deep.include({ status: 'halted', exitCode: 2 })
    }
  })

  describe('reduce', () => {
    it('refuses an output of another length', () => {
      expect(() => reduceEstimate([new Uint8Array(23)])).to.throw(OutputFormatError, /23 bytes/)
    })

    it('refuses numbers that are not finite', () => {
      const output = new Uint8Array(new Float64Array([Number.NaN, 1, 1]).buffer)
      expect(() => reduceEstimate([output])).to.throw(OutputFormatError, /not finite/)
    })

    it('refuses to estimate from nothing', () => {
      expect(() => reduceEstimate([])).to.throw(OutputFormatError, /fewer than two/)
    })
  })

  describe('closed form', () => {
    it('agrees with the textbook (Hull, Options, Futures and Other Derivatives: 4.76 and 0.81)', () => {
      expect(blackScholes(call)).to.be.closeTo(4.759422, 1e-6)
      expect(blackScholes({ ...call, kind: 'put' })).to.be.closeTo(0.808599, 1e-6)
    })

    it('keeps put-call parity with dividends', () => {
      const parity = 95 * Math.exp(-0.04) - 100 * Math.exp(-0.06)
      expect(blackScholes({ ...put, kind: 'call' }) - blackScholes(put)).to.be.closeTo(parity, 1e-12)
    })

    it('has an exact normal distribution function', () => {
      expect(normalCdf(0)).to.equal(0.5)
      expect(normalCdf(1)).to.be.closeTo(0.8413447460685429, 1e-15)
      expect(normalCdf(-1.959963984540054)).to.be.closeTo(0.025, 1e-15)
      expect(normalCdf(6)).to.be.closeTo(1 - 9.865876450376981e-10, 1e-15)
      expect([normalCdf(-40), normalCdf(40)]).to.deep.equal([0, 1])
    })
  })
})

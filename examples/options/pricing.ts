import { OutputFormatError } from '../errors.ts'

export type EuropeanOption = {
  kind: 'call' | 'put'
  /** Price of the underlying today. */
  spot: number
  strike: number
  /** Riskless rate per year, continuously compounded. */
  rate: number
  /** Dividend yield per year, continuously compounded. @default 0 */
  dividend?: number | undefined
  /** Standard deviation of the yearly log return. */
  volatility: number
  /** Time to expiry. */
  years: number
}

export type Simulation = {
  /** Number of tasks; each draws a stream of its own. */
  tasks: number
  /** Samples per task; each is a pair of mirrored paths. */
  samples: number
  /** Seed of task 0; task i has seed + i. @default 1n */
  seed?: bigint | undefined
}

export type Estimate = {
  price: number
  standardError: number
  /** 95 % confidence interval of the price. */
  low: number
  high: number
  samples: number
}

/** Half the width of a 95 % confidence interval, in standard errors. */
const NORMAL_95 = 1.959963984540054

/** One task input per seed: kind u32, samples u32, seed u64, then spot, strike, rate, dividend, volatility, years as f64. */
export function optionInputs(
  option: EuropeanOption,
  { tasks, samples, seed = 1n }: Simulation,
): Uint8Array[] {
  const { kind, spot, strike, rate, dividend = 0, volatility, years } = option
  return Array.from({ length: tasks }, (_, task) => {
    const input = new DataView(new ArrayBuffer(64))
    input.setUint32(0, kind === 'put' ? 1 : 0, true)
    input.setUint32(4, samples, true)
    input.setBigUint64(8, seed + BigInt(task), true)
    const numbers = [spot, strike, rate, dividend, volatility, years]
    numbers.forEach((value, i) => {
      input.setFloat64(16 + 8 * i, value, true)
    })
    return new Uint8Array(input.buffer)
  })
}

/**
 * Reduces the tasks' sums to a price with its error. Works on any non-empty part of the outputs, in any order.
 *
 * @throws {OutputFormatError} an output is not three finite f64, or there are fewer than two samples in all
 */
export function reduceEstimate(outputs: readonly Uint8Array[]): Estimate {
  let sum = 0
  let squares = 0
  let samples = 0
  outputs.forEach((output, index) => {
    if (output.length !== 24) {
      throw new OutputFormatError({
        program: 'options',
        index,
        reason: `${output.length} bytes, expected 24`,
      })
    }
    const view = new DataView(output.buffer, output.byteOffset, 24)
    const numbers = [0, 8, 16].map((at) => view.getFloat64(at, true)) as [number, number, number]
    if (!numbers.every(Number.isFinite)) {
      throw new OutputFormatError({ program: 'options', index, reason: `not finite: ${numbers.join(', ')}` })
    }
    sum += numbers[0]
    squares += numbers[1]
    samples += numbers[2]
  })
  if (samples < 2)
    throw new OutputFormatError({ program: 'options', index: 0, reason: 'fewer than two samples' })
  const price = sum / samples
  const variance = Math.max(0, (squares - sum * price) / (samples - 1))
  const standardError = Math.sqrt(variance / samples)
  const margin = NORMAL_95 * standardError
  return { price, standardError, low: price - margin, high: price + margin, samples }
}

/** Exact price of a European option: Black and Scholes (1973), with Merton's dividend yield. */
export function blackScholes({
  kind,
  spot,
  strike,
  rate,
  dividend = 0,
  volatility,
  years,
}: EuropeanOption): number {
  const spread = volatility * Math.sqrt(years)
  const d1 = (Math.log(spot / strike) + (rate - dividend) * years) / spread + spread / 2
  const d2 = d1 - spread
  const held = spot * Math.exp(-dividend * years)
  const owed = strike * Math.exp(-rate * years)
  return kind === 'call'
    ? held * normalCdf(d1) - owed * normalCdf(d2)
    : owed * normalCdf(-d2) - held * normalCdf(-d1)
}

/**
 * Distribution function of the standard normal, absolute error below 1e-15: the Taylor series of G. Marsaglia,
 * "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004.
 */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 8.5) return x < 0 ? 0 : 1
  let sum = x
  let term = x
  for (let i = 3, last = 0; sum !== last; i += 2) {
    last = sum
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)
}

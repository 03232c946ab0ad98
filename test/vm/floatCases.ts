import type { NumberType } from '../../sdk/src/vm/isa.ts'
import type { Random } from '../model/random.ts'

export type Case = readonly [a: bigint, b: bigint]

type Format = { bits: bigint; fraction: bigint; sign: bigint; infinity: bigint; bias: bigint }

const F32: Format = { bits: 32n, fraction: 23n, sign: 1n << 31n, infinity: 0xffn << 23n, bias: 127n }
const F64: Format = { bits: 64n, fraction: 52n, sign: 1n << 63n, infinity: 0x7ffn << 52n, bias: 1_023n }
const formatOf = (type: 'f32' | 'f64') => (type === 'f32' ? F32 : F64)
const isFloat = (type: NumberType): type is 'f32' | 'f64' => type.startsWith('f')
const widthOf = (type: NumberType) => (type.endsWith('32') ? 32 : 64)

/** The float 2^exponent. */
const power = ({ bias, fraction }: Format, exponent: bigint) => (bias + exponent) << fraction
const around = (bits: bigint) => [bits - 1n, bits, bits + 1n]
const withSigns = ({ sign }: Format, values: bigint[]) => values.flatMap((bits) => [bits, bits | sign])

/** Where the integers begin that a format or a type of integers no longer holds. */
const POWERS = [7n, 8n, 15n, 16n, 22n, 23n, 24n, 25n, 31n, 32n, 51n, 52n, 53n, 54n, 62n, 63n, 64n, 65n]

/** Zeros, limits, infinities, NaNs, units and halves, to be combined with each other. */
function coreFloats(format: Format): bigint[] {
  const { infinity, fraction } = format
  const quiet = 1n << (fraction - 1n)
  const one = power(format, 0n)
  return withSigns(format, [
    ...[0n, 1n, 2n, 3n],
    ...[(1n << fraction) - 1n, 1n << fraction, (1n << fraction) + 1n],
    ...[infinity - 1n, infinity - (1n << fraction), infinity],
    ...[infinity + 1n, infinity + quiet, infinity + quiet + 5n, infinity + (1n << fraction) - 1n],
    ...around(one),
    ...[power(format, -1n), power(format, 1n), power(format, 1n) + quiet],
    // of which a half, or a half and a bit, is lost beside 1
    ...around(power(format, -fraction - 1n)),
    ...around(power(format, fraction + 1n)),
    // squares at the limits
    ...[power(format, (format.bias + 1n) / 2n), power(format, -(format.bias + fraction - 1n) / 2n)],
  ])
}

/** Besides, numbers around those where fractions and ranges of integers end. */
function edgeFloats(format: Format): bigint[] {
  const quarter = 1n << (format.fraction - 2n)
  return [
    ...coreFloats(format),
    ...withSigns(
      format,
      POWERS.flatMap((exponent) => around(power(format, exponent))),
    ),
    // 0.5, 0.625, … 7: halves between even and odd
    ...withSigns(
      format,
      [-1n, 0n, 1n, 2n].flatMap((exponent) =>
        [0n, 1n, 2n, 3n].map((part) => power(format, exponent) + part * quarter),
      ),
    ),
    // half a unit beside a great number
    ...withSigns(
      format,
      [1n, 2n, 3n].flatMap((part) => around(power(format, format.fraction - 1n) + part)),
    ),
  ]
}

/** Powers of two and what is next to them, halves of what is rounded away, of both signs. */
function edgeIntegers(width: number): bigint[] {
  const powers = Array.from({ length: width + 1 }, (_, exponent) => 1n << BigInt(exponent))
  const halves = [23n, 52n].flatMap((fraction) =>
    [1n, 2n, 8n, 11n].flatMap((lost) => {
      const value = 1n << (fraction + lost)
      const half = 1n << (lost - 1n)
      return [half, 3n * half, (1n << (fraction + lost)) - half].flatMap((part) => around(value + part))
    }),
  )
  const all = [0n, ...powers.flatMap(around), ...halves]
  const wrapped = all.flatMap((value) => [BigInt.asUintN(width, value), BigInt.asUintN(width, -value)])
  return [...new Set(wrapped)]
}

/** Every edge, or every pair of the more important ones. */
export function edgeCases(type: NumberType, isBinary: boolean): Case[] {
  if (!isFloat(type)) return edgeIntegers(widthOf(type)).map((a) => [a, 0n])
  const format = formatOf(type)
  if (!isBinary) return edgeFloats(format).map((a) => [a, 0n])
  const core = coreFloats(format)
  return core.flatMap((a) => core.map((b): Case => [a, b]))
}

/** A case at random. The upper half of a narrow operand is random too: it does not count. */
export function randomCase(random: Random, type: NumberType): Case {
  const [a, b] = isFloat(type) ? randomFloats(random, formatOf(type)) : [randomInteger(random, type), 0n]
  const upper = () => (widthOf(type) === 32 ? random.bits(32) << 32n : 0n)
  return [upper() | a, upper() | b]
}

function randomInteger(random: Random, type: NumberType): bigint {
  const width = widthOf(type)
  if (random.chance(0.3)) return random.bits(width)
  // few bits, far apart: halves and what is next to them
  const sparse = (1n << random.bits(6)) + (1n << random.bits(6)) + random.bits(2) - 1n
  return BigInt.asUintN(width, random.chance(0.5) ? sparse : -sparse)
}

function randomFloats(random: Random, format: Format): Case {
  const { bits, fraction, sign, infinity } = format
  const anything = () => random.bits(Number(bits))
  const clamp = (magnitude: bigint) =>
    magnitude < 0n ? 0n : magnitude > infinity + 1n ? infinity + 1n : magnitude
  const signed = (magnitude: bigint) => clamp(magnitude) | (random.chance(0.5) ? sign : 0n)
  const exponent = (least: bigint, count: number) => BigInt(random.int(0, count)) + least
  /** Ones at both ends of the fraction, or a run of them: what lies beside a boundary after an operation. */
  const sparse = () => {
    const run = (1n << BigInt(random.int(0, Number(fraction)))) - 1n
    const some = random.pick([0n, run, run << BigInt(random.int(0, 8)), 1n << (fraction - 1n), ~run])
    return (some + random.bits(2) - 1n) & ((1n << fraction) - 1n)
  }
  const significand = () => (random.chance(0.5) ? sparse() : random.bits(Number(fraction)))
  const withField = (field: bigint) => signed((field << fraction) + significand())
  const field = () => exponent(0n, Number(infinity >> fraction) - 1)

  switch (random.weighted({ anything: 2, near: 4, limits: 3, integers: 3, products: 3, equal: 1 })) {
    case 'anything':
      return [anything(), anything()]
    case 'near': {
      // the fractions overlap, or just do not
      const first = field()
      return [
        withField(first),
        withField(clampField(first + exponent(-fraction - 3n, Number(fraction) * 2 + 6))),
      ]
    }
    case 'limits': {
      // products and quotients around the least and greatest numbers
      const first = field()
      const limit = random.pick([1n - format.bias - fraction, 1n - format.bias, format.bias])
      const sum = limit + 2n * format.bias + exponent(-2n, 4)
      const second = random.chance(0.5) ? sum - first : first - sum + 2n * format.bias
      return [withField(first), withField(clampField(second))]
    }
    case 'integers':
      return [
        withField(format.bias + exponent(-3n, 70)),
        signed(power(format, exponent(-1n, 66)) + exponent(-2n, 4)),
      ]
    case 'products': {
      // a is nearly b², of which the root, and the quotient by b, is nearly exact
      const b = (1n << fraction) + significand()
      const square = b * b
      const length = BigInt(square.toString(2).length) - fraction - 1n
      const a = power(format, exponent(-20n, 40)) + (square >> length) - (1n << fraction) + exponent(-1n, 2)
      return [signed(a), signed(power(format, exponent(-20n, 40)) + b - (1n << fraction))]
    }
    case 'equal': {
      const a = anything()
      return [a, random.pick([a, a ^ sign, a ^ 1n])]
    }
  }

  function clampField(value: bigint): bigint {
    const most = (infinity >> fraction) - 1n
    return value < 0n ? 0n : value > most ? most : value
  }
}

import type { Random } from '../model/random.ts'
import type { NumericOpcode } from './numericModule.ts'

export type Case = readonly [a: bigint, b: bigint]

/** What lies at both ends of signed and unsigned numbers of a width, also as the lower part of a negative one. */
function ends(width: bigint): bigint[] {
  const around = (n: bigint) => [n - 1n, n, n + 1n]
  return withNegatives([...around(1n << (width - 1n)), ...around(1n << width)])
}

function withNegatives(values: bigint[]): bigint[] {
  return [...new Set(values.flatMap((value) => [BigInt.asUintN(64, value), BigInt.asUintN(64, -value)]))]
}

/** Zero, small numbers, counts of shifts, patterns, and the ends of what instructions on two operands compute. */
const core = [
  ...new Set([
    ...withNegatives([0n, 1n, 2n, 7n, 31n, 32n, 33n, 63n, 0x5555_5555_5555_5555n]),
    ...[32n, 64n].flatMap(ends),
  ]),
]

/** Besides, the ends of what is extended. */
const edges = [...new Set([...core, ...[8n, 16n].flatMap(ends)])]

/** Every edge, or every pair of the more important ones. */
export function edgeCases({ form }: NumericOpcode): Case[] {
  if (form === 'unary') return edges.map((a) => [a, 0n])
  return core.flatMap((a) => core.map((b): Case => [a, b]))
}

/** A case at random; the upper half of an operand of 32 bits is random too, and does not count. */
export function randomCase(random: Random): Case {
  const a = randomValue(random)
  // a pair that is equal, or nearly, comes up as often as comparisons want it
  return [a, random.chance(0.1) ? BigInt.asUintN(64, a + random.bits(2) - 1n) : randomValue(random)]
}

/** Numbers of every length, a few bits far apart, or edges with what is next to them. */
export function randomValue(random: Random): bigint {
  switch (random.weighted({ anything: 3, short: 3, sparse: 2, edge: 2 })) {
    case 'anything':
      return random.bits(64)
    case 'short': {
      const value = random.bits(random.int(1, 63))
      return random.chance(0.5) ? value : BigInt.asUintN(64, -value)
    }
    case 'sparse':
      return (1n << random.bits(6)) | (1n << random.bits(6))
    case 'edge':
      return BigInt.asUintN(64, random.pick(edges) + random.bits(3) - 4n) | (random.bits(1) << 63n)
  }
}

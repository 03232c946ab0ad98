/**
 * The same query with integers in place of the bit vectors that the compiler takes for shifts, masks and conversions:
 * `(bv2nat (bvlshr (int2bv a) (int2bv b)))`. Solvers hardly ever come back from such a change of sorts. What it means can
 * be said with `div` and `mod`, which go along with products:
 *
 * - a conversion to w bits is `a mod 2^w`,
 * - a shift to the left is `(a * 2^b) mod 2^w`,
 * - a shift to the right is `a div 2^b`, since the compiler keeps operands of unsigned types in their range,
 * - a mask of k low bits leaves `a mod 2^k`; for other masks the term stays as it was.
 *
 * Anything else (`|`, `^`, `~`) is left alone.
 *
 * @param query SMT-LIB as the compiler writes it
 */
export function asIntegers(query: string): string {
  const masked = new Set<number>()
  const terms: [string, (a: string, b: string, width: number) => string][] = [
    [`\\(bv2nat ${vector('a')}\\)`, (a, _, width) => `(mod ${a} ${2n ** BigInt(width)})`],
    [`\\(bv2nat \\(bvlshr ${vector('a')} ${vector('b')}\\)\\)`, (a, b) => `(div ${a} (power ${b}))`],
    [
      `\\(bv2nat \\(bvshl ${vector('a')} ${vector('b')}\\)\\)`,
      (a, b, width) => `(mod (* ${a} (power ${b})) ${2n ** BigInt(width)})`,
    ],
    [
      `\\(bv2nat \\(bvand ${vector('a')} ${vector('b')}\\)\\)`,
      (a, b, width) => {
        masked.add(width)
        return `(mask${width} ${a} ${b})`
      },
    ],
  ]
  let rewritten = query
  for (const [pattern, write] of terms) {
    rewritten = rewritten.replace(new RegExp(pattern, 'g'), (...match) => {
      const { a, b, aWidth } = match.at(-1) as Record<string, string>
      return write(a!, b!, Number(aWidth))
    })
  }
  if (rewritten === query) return query
  const definitions = [POWER, ...[...masked].map(maskOf)].join('\n')
  return rewritten.replace(/^\(set-logic \w+\)$/m, (logic) => `${logic}\n${definitions}`)
}

/** How the compiler writes the integer `name` as a bit vector. */
function vector(name: string): string {
  const [value, width] = [`\\k<${name}>`, `\\(_ int2bv \\k<${name}Width>\\)`]
  const first = `(?<${name}>[^\\s()]+) 0\\) \\(\\(_ int2bv (?<${name}Width>\\d+)\\) ${value}\\)`
  return `\\(ite \\(>= ${first} \\(bvneg \\(${width} \\(- ${value}\\)\\)\\)\\)`
}

/** 2^b, as a choice: `b` is a literal nearly everywhere, and then nothing is left of it. */
const POWER = `(define-fun power ((b Int)) Int ${choose(
  Array.from({ length: 256 }, (_, b) => [`(= b ${b})`, `${2n ** BigInt(b)}`]),
  `${2n ** 256n}`,
)})`

function maskOf(width: number): string {
  const low = Array.from({ length: width }, (_, bits) => 2n ** BigInt(bits + 1))
  const other = `(bv2nat (bvand ((_ int2bv ${width}) a) ((_ int2bv ${width}) b)))`
  const body = choose(
    low.map((size) => [`(= b ${size - 1n})`, `(mod a ${size})`]),
    other,
  )
  return `(define-fun mask${width} ((a Int) (b Int)) Int ${body})`
}

function choose(cases: readonly (readonly [string, string])[], otherwise: string): string {
  return cases.reduceRight((rest, [condition, value]) => `(ite ${condition} ${value} ${rest})`, otherwise)
}

/** A part of the rewritten query. */
type Term = {
  text: string
  /** Bits of the largest magnitude that an integer can have here. */
  bits: number
  /** Width of what was a bit vector in the query already. */
  width?: number
  /** Width that this function converts integers to. */
  converts?: number
}

/** Bits of the compiler's variables: it states the range of each. */
const VARIABLE_BITS = 256
const OPERATORS: Record<string, string> = {
  '+': 'bvadd',
  '-': 'bvsub',
  '*': 'bvmul',
  '<': 'bvslt',
  '<=': 'bvsle',
  '>': 'bvsgt',
  '>=': 'bvsge',
}

/**
 * The same query with a signed bit vector for every integer, wide enough that no operation in it overflows. What packs
 * and unpacks words is decided at once in this form; products of variables hardly ever.
 *
 * @param query SMT-LIB as the compiler writes it
 * @returns undefined where the query divides, which is something else for bit vectors
 */
export function asBitVectors(query: string): string | undefined {
  if (/\((div|mod|abs) /.test(query)) return undefined
  const { bits } = rewrite(query, VARIABLE_BITS + 1)
  return rewrite(query, bits + 1).text
}

/** @param size bits of a vector that stands for an integer */
function rewrite(query: string, size: number): { text: string; bits: number } {
  const statements: string[] = []
  const open: Term[][] = []
  let bits = VARIABLE_BITS
  let isTerm = false
  for (const [token] of query.matchAll(/[()]|\|[^|]*\||[^\s()|]+/g)) {
    if (token === '(') open.push([])
    else if (token !== ')') {
      if (open.length === 1 && open[0]!.length === 0) isTerm = token === 'assert'
      open.at(-1)!.push({ text: token === 'Int' ? `(_ BitVec ${size})` : token, bits: VARIABLE_BITS })
    } else {
      const parts = open.pop()!
      const term = isTerm && open.length > 0 ? combine(parts, size) : { text: listOf(parts), bits: 0 }
      bits = Math.max(bits, term.bits)
      if (open.length > 0) open.at(-1)!.push(term)
      else statements.push(term.text)
    }
  }
  return { text: `${statements.join('\n')}\n`, bits }
}

function combine(parts: readonly Term[], size: number): Term {
  const [head, ...rest] = parts
  if (head!.text === '_') return { text: listOf(parts), bits: 0, converts: Number(rest[1]!.text) }
  const terms = rest.map((term) => numeral(term, size))
  const [first, second] = terms
  const most = Math.max(0, ...terms.map(({ bits }) => bits))
  if (head!.converts !== undefined) {
    return { text: `((_ extract ${head!.converts - 1} 0) ${first!.text})`, bits: 0, width: head!.converts }
  }
  switch (head!.text) {
    case 'bv2nat': {
      const width = first!.width!
      return { text: `((_ zero_extend ${size - width}) ${first!.text})`, bits: width }
    }
    case '-':
      if (second === undefined) return { text: `(bvneg ${first!.text})`, bits: most }
      break
    case 'ite': {
      const { width } = second!
      return { text: listOf([head!, ...terms]), bits: most, ...(width !== undefined && { width }) }
    }
  }
  const operator = OPERATORS[head!.text]
  if (operator === undefined) {
    const { width } = first ?? {}
    const isVector = width !== undefined && head!.text.startsWith('bv')
    return { text: listOf([head!, ...terms]), bits: VARIABLE_BITS, ...(isVector && { width }) }
  }
  const sum = terms.reduce((total, { bits }) => total + bits, 0)
  return {
    text: listOf([{ text: operator, bits: 0 }, ...terms]),
    bits: head!.text === '*' ? sum : most + terms.length - 1,
  }
}

function numeral(term: Term, size: number): Term {
  if (!/^\d+$/.test(term.text)) return term
  const bits = BigInt(term.text).toString(2).length
  return { text: `(_ bv${term.text} ${size})`, bits }
}

function listOf(parts: readonly Term[]): string {
  return `(${parts.map(({ text }) => text).join(' ')})`
}

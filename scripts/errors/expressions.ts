// Just enough of TypeScript to read what an error class says about itself: the arguments of `super(…)`, which are made of
// strings, templates, conditions, objects and lists. Comments and regular expressions do not occur in them.

/** Stands where a value is put in. */
export const VALUE = '…'

const OPENING = '([{'
const CLOSING = ')]}'

/** A string or template that begins at `at`: its text, with {@link VALUE} for what is put in, and where it ends. */
function literalAt(source: string, at: number): { text: string; end: number } | undefined {
  const quote = source[at]
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined
  let text = ''
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i] as string
    if (character === quote) return { text, end: i + 1 }
    if (character === '\\') text += source[++i]
    else if (quote === '`' && source.startsWith('${', i)) {
      text += VALUE
      i = skip(source, i + 1) - 1
    } else text += character
  }
  throw new SyntaxError(`string without an end: ${source.slice(at, at + 60)}`)
}

/** Where the bracket that opens at `at` has been closed. */
function skip(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i] as string
    const literal = literalAt(source, i)
    if (literal !== undefined) i = literal.end - 1
    else if (OPENING.includes(character)) i = skip(source, i) - 1
    else if (CLOSING.includes(character)) return i + 1
  }
  throw new SyntaxError(`bracket without an end: ${source.slice(at, at + 60)}`)
}

/** What stands between the bracket that opens at `at` and the one that closes it. */
export function inside(source: string, at: number): string {
  return source.slice(at + 1, skip(source, at) - 1)
}

/** Cuts a text where `separator` matches outside of strings and brackets. */
export function split(source: string, separator: RegExp): string[] {
  const sticky = new RegExp(separator.source, 'y')
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < source.length; ) {
    const literal = literalAt(source, i)
    sticky.lastIndex = i
    const cut = literal === undefined ? sticky.exec(source) : null
    if (literal !== undefined) i = literal.end
    else if (OPENING.includes(source[i] as string)) i = skip(source, i)
    else if (cut !== null) {
      parts.push(source.slice(start, i))
      i += cut[0].length
      start = i
    } else i++
  }
  parts.push(source.slice(start))
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Names and values of an object, in order; what is spread into it is left out. */
export function entries(object: string): [name: string, value: string][] {
  return split(inside(object, object.indexOf('{')), /,/).flatMap((entry) => {
    const [, quoted, bare, value] = /^(?:'([^']*)'|(\w+))(?:\s*:\s*([\s\S]*))?$/.exec(entry) ?? []
    const name = quoted ?? bare
    return name === undefined ? [] : [[name, value ?? name] as [string, string]]
  })
}

/** Every string in an expression, wherever it stands. */
export function strings(expression: string): string[] {
  const found: string[] = []
  for (let i = 0; i < expression.length; i++) {
    const literal = literalAt(expression, i)
    if (literal === undefined) continue
    found.push(literal.text)
    i = literal.end - 1
  }
  return found
}

/**
 * The texts that an expression can come to: both branches of a condition, every entry of a table.
 *
 * @param tableOf - Source of the object that a name stands for.
 * @returns nothing for what only the caller knows, such as a parameter
 */
export function outcomes(expression: string, tableOf: (name: string) => string | undefined): string[] {
  const text = expression.trim()
  const [condition, ...rest] = split(text, /\s\?(?![?.])\s/)
  if (condition !== undefined && rest.length > 0) {
    const branches = split(text.slice(text.indexOf(rest[0] as string, condition.length)), /\s:\s/)
    return branches.flatMap((branch) => outcomes(branch, tableOf))
  }
  const alternatives = split(text, /\s\?\?\s/)
  if (alternatives.length > 1) return alternatives.flatMap((each) => outcomes(each, tableOf))
  const literal = literalAt(text, 0)
  if (literal?.end === text.length) return [literal.text]
  const table = tableOf(/^(\w+)\[/.exec(text)?.[1] ?? '')
  return table === undefined ? [] : entries(table).flatMap(([, value]) => outcomes(value, tableOf))
}

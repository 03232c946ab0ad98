import { type AstNode, child, rangeOf, text, typeOf } from '../ast.ts'
import type { Edit, Operator } from '../code.ts'

const ADDRESS_DIGITS = 40

/** Whole numbers in functions, one more and one less. */
export const literal: Operator = (unit) =>
  unit.node.nodeType === 'VariableDeclaration'
    ? []
    : unit.nodes
        .filter(({ node }) => node.nodeType === 'Literal' && node.kind === 'number')
        .flatMap(({ node }) => neighbours(node))

/** The value of a constant number, one more and one less. */
export const constant: Operator = ({ node, source }) => {
  const value = child(node, 'value')
  if (node.nodeType !== 'VariableDeclaration' || value === undefined) return []
  if (!/^u?int\d*$/.test(typeOf(node))) return []
  const number = neighbours(value)
  if (number.length > 0) return number
  // in its own type, which is wider than that of `type(uint16).max`
  const whole = `${typeOf(node)}(${source.of(value)})`
  return ['+ 1', '- 1'].map((shift) => ({ ...rangeOf(value), text: `${whole} ${shift}` }))
}

/** A literal with the numbers beside it; nothing for what is no whole number, or stands for an address. */
function neighbours(node: AstNode): Edit[] {
  const digits = text(node, 'value').replaceAll('_', '')
  const isHex = /^0x[0-9a-fA-F]+$/.test(digits)
  if (!isHex && !/^\d+$/.test(digits)) return []
  if (isHex && digits.length === 2 + ADDRESS_DIGITS) return []
  const value = BigInt(digits)
  const unit = text(node, 'subdenomination')
  const write = (number: bigint) => `${isHex ? `0x${number.toString(16)}` : number}${unit && ` ${unit}`}`
  const values = value === 0n ? [1n] : [value + 1n, value - 1n]
  return values.map((number) => ({ ...rangeOf(node), text: write(number) }))
}

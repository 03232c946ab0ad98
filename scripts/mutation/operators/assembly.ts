import { type AstNode, child, rangeOf, text } from '../ast.ts'
import type { Operator } from '../code.ts'

const OTHER: Record<string, string> = {
  ...{ add: 'sub', sub: 'add', mul: 'div', div: 'mul', and: 'or', or: 'and', shl: 'shr', shr: 'shl' },
  ...{ lt: 'gt', gt: 'lt', slt: 'sgt', sgt: 'slt', eq: 'lt', iszero: 'not' },
}

/** In assembly: another instruction, and numbers one more and one less. */
export const assembly: Operator = (unit) =>
  unit.nodes.flatMap(({ node }) => {
    if (node.nodeType === 'YulFunctionCall') {
      const name = child(node, 'functionName') as AstNode
      const other = OTHER[name.name ?? '']
      return other === undefined ? [] : [{ ...rangeOf(name), text: other }]
    }
    if (node.nodeType !== 'YulLiteral' || node.kind !== 'number') return []
    const value = BigInt(text(node, 'value'))
    const values = value === 0n ? [1n] : [value + 1n, value - 1n]
    return values.map((number) => ({ ...rangeOf(node), text: `0x${number.toString(16)}` }))
  })

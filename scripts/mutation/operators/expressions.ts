import { type AstNode, child, list, type Range, rangeOf, text, typeOf } from '../ast.ts'
import type { Edit, Operator, Unit } from '../code.ts'

const ARITHMETIC: Record<string, string> = {
  ...{ '+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '**': '*' },
  ...{ '<<': '>>', '>>': '<<', '&': '|', '|': '&', '^': '&' },
}
const ASSIGNED: Record<string, string> = {
  ...{ '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '%=': '*=' },
  ...{ '<<=': '>>=', '>>=': '<<=', '&=': '|=', '|=': '&=', '^=': '&=' },
}
const OPPOSITE: Record<string, string> = {
  ...{ '==': '!=', '!=': '==', '<': '>=', '>=': '<', '>': '<=', '<=': '>' },
}
const BOUNDARY: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const LOGICAL: Record<string, string> = { '&&': '||', '||': '&&' }

const isBinary = (node: AstNode) => node.nodeType === 'BinaryOperation'

/** `+` ↔ `-`, `*` ↔ `/`, `<<` ↔ `>>`, `&` ↔ `|`, and the assignments that do so. */
export const arithmetic: Operator = (unit) =>
  operations(unit, 'BinaryOperation', ARITHMETIC).concat(operations(unit, 'Assignment', ASSIGNED))

/** A comparison becomes its opposite. */
export const comparison: Operator = (unit) => operations(unit, 'BinaryOperation', OPPOSITE)

/** `<` ↔ `<=`, `>` ↔ `>=`. */
export const boundary: Operator = (unit) => operations(unit, 'BinaryOperation', BOUNDARY)

/** Conditions that are no comparison negated, `&&` ↔ `||`, either side alone, `true` ↔ `false`. */
export const condition: Operator = (unit) => [
  ...operations(unit, 'BinaryOperation', LOGICAL),
  ...unit.nodes.flatMap(({ node }) => {
    if (isBinary(node) && text(node, 'operator') in LOGICAL) return oneSide(unit, node)
    if (node.nodeType === 'UnaryOperation' && node.operator === '!') {
      return [{ ...rangeOf(node), text: unit.source.of(child(node, 'subExpression')!) }]
    }
    if (node.nodeType === 'Literal' && node.kind === 'bool') {
      return [{ ...rangeOf(node), text: node.value === 'true' ? 'false' : 'true' }]
    }
    return conditionsOf(node)
      .filter((found) => !isNegatedElsewhere(found))
      .map((found) => ({ ...rangeOf(found), text: `!(${unit.source.of(found)})` }))
  }),
]

/** `min` ↔ `max`, whoever's function it is. */
export const minMax: Operator = (unit) =>
  unit.nodes
    .filter(({ node }) => node.memberName === 'min' || node.memberName === 'max')
    .filter(({ node }) => typeOf(node).startsWith('function '))
    .map(({ node }) => ({ ...lastName(unit, node), text: node.memberName === 'min' ? 'max' : 'min' }))

/** The place of the name after the dot. */
export function lastName(unit: Unit, access: AstNode): Range {
  const { end } = rangeOf(access)
  const name = text(access, 'memberName')
  const start = end - Buffer.byteLength(name)
  if (unit.source.slice({ start, end }) !== name) throw new RangeError(`${name} does not end at ${end}`)
  return { start, end }
}

function operations(unit: Unit, nodeType: string, others: Record<string, string>): Edit[] {
  return unit.nodes
    .filter(({ node }) => node.nodeType === nodeType)
    .flatMap(({ node }) => {
      const other = others[text(node, 'operator')]
      return other === undefined ? [] : [withOperator(unit, node, other)]
    })
}

/** The whole operation written anew, with brackets where another operator would bind its operands differently. */
function withOperator(unit: Unit, node: AstNode, operator: string): Edit {
  const assigned = node.nodeType === 'Assignment'
  const left = child(node, assigned ? 'leftHandSide' : 'leftExpression')!
  const right = child(node, assigned ? 'rightHandSide' : 'rightExpression')!
  const gap = { start: rangeOf(left).end, end: rangeOf(right).start }
  const old = text(node, 'operator')
  const at = unit.source.slice(gap).indexOf(old)
  const bindsAlike = assigned || precedence(old) === precedence(operator)
  if (bindsAlike && unit.source.slice(gap).trim() === old) {
    const start = gap.start + at
    return { start, end: start + old.length, text: operator }
  }
  const operand = (side: AstNode) => (isBinary(side) ? `(${unit.source.of(side)})` : unit.source.of(side))
  return { ...rangeOf(node), text: `(${operand(left)} ${operator} ${operand(right)})` }
}

const PRECEDENCE = [
  ...[['**'], ['*', '/', '%'], ['+', '-'], ['<<', '>>'], ['&'], ['^'], ['|']],
  ...[['<', '>', '<=', '>='], ['==', '!='], ['&&'], ['||']],
]

function precedence(operator: string): number {
  return PRECEDENCE.findIndex((level) => level.includes(operator))
}

function oneSide(unit: Unit, node: AstNode): Edit[] {
  return ['leftExpression', 'rightExpression'].map((side) => ({
    ...rangeOf(node),
    text: unit.source.of(child(node, side)!),
  }))
}

/** What decides in a statement or expression. */
function conditionsOf(node: AstNode): AstNode[] {
  if (node.nodeType.startsWith('Yul')) return []
  const isRequire = node.nodeType === 'FunctionCall' && child(node, 'expression')?.name === 'require'
  const found = isRequire ? list(node, 'arguments')[0] : child(node, 'condition')
  return found === undefined ? [] : [found]
}

function isNegatedElsewhere(node: AstNode): boolean {
  if (isBinary(node)) return text(node, 'operator') in OPPOSITE
  return node.nodeType === 'Literal' || (node.nodeType === 'UnaryOperation' && node.operator === '!')
}

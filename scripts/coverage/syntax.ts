/** Solidity's syntax tree, as far as coverage looks at it. Offsets count bytes of UTF-8. */

export type SyntaxNode = { nodeType: string; src: string } & Record<string, unknown>

/** First byte of a node, and the one after its last. */
export function rangeOf(node: SyntaxNode): { start: number; end: number } {
  const [start = 0, length = 0] = node.src.split(':').map(Number)
  return { start, end: start + length }
}

/** The node in a field, where there is one. */
export function nodeIn(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field]
  return isNode(value) ? value : undefined
}

export function nodesIn(node: SyntaxNode, field: string): SyntaxNode[] {
  const value = node[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

/** Every node of one of these types at or below `node`, from the top. */
export function findAll(node: SyntaxNode, types: readonly string[]): SyntaxNode[] {
  const below = childrenOf(node).flatMap((child) => findAll(child, types))
  return types.includes(node.nodeType) ? [node, ...below] : below
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value
}

/** The condition that a call of `require` or `assert` checks; undefined for every other expression. */
export function checkedBy(
  node: SyntaxNode,
): { name: 'require' | 'assert'; condition: SyntaxNode } | undefined {
  if (node.nodeType !== 'FunctionCall') return undefined
  const callee = nodeIn(node, 'expression')
  const name = callee?.nodeType === 'Identifier' ? callee.name : undefined
  // functions that the language brings along have negative ids
  const builtIn = Number(callee?.referencedDeclaration) < 0
  const [condition] = nodesIn(node, 'arguments')
  if (!builtIn || condition === undefined || (name !== 'require' && name !== 'assert')) return undefined
  return { name, condition }
}

/**
 * The conditions that a boolean expression is made of: its operands once parentheses, `!`, `&&` and `||` are taken
 * away. Those that are literals are left out.
 */
export function conditionsIn(node: SyntaxNode): SyntaxNode[] {
  const components = nodesIn(node, 'components')
  if (node.nodeType === 'TupleExpression' && components.length === 1) return components.flatMap(conditionsIn)
  if (node.nodeType === 'UnaryOperation' && node.operator === '!') {
    return conditionsIn(nodeIn(node, 'subExpression') as SyntaxNode)
  }
  if (isShortCircuit(node)) {
    return ['leftExpression', 'rightExpression'].flatMap((side) =>
      conditionsIn(nodeIn(node, side) as SyntaxNode),
    )
  }
  return node.nodeType === 'Literal' ? [] : [node]
}

/** Whether the right operand is evaluated depends on the left one. */
export function isShortCircuit(node: SyntaxNode): boolean {
  return node.nodeType === 'BinaryOperation' && (node.operator === '&&' || node.operator === '||')
}

/** The compiler's syntax tree, as far as mutating needs it: read by field names, every field may be absent. */

/** A node as solc writes it. `src` is `start:length:file`, in bytes. */
export interface AstNode {
  nodeType: string
  id: number
  src: string
  name?: string
  [field: string]: unknown
}

/** A part of a source, in bytes: from `start` to before `end`. */
export interface Range {
  start: number
  end: number
}

/** Reads `start:length:file`. */
export function parseRange(src: string): Range {
  const [start = 0, length = 0] = src.split(':').map(Number)
  return { start, end: start + length }
}

export function rangeOf(node: AstNode): Range {
  return parseRange(node.src)
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'nodeType' in value
}

/** The node in a field, if there is one. */
export function child(node: AstNode, field: string): AstNode | undefined {
  const value = node[field]
  return isNode(value) ? value : undefined
}

/** The nodes in a field that is a list. */
export function list(node: AstNode, field: string): AstNode[] {
  const value = node[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The text in a field; empty where there is none. */
export function text(node: AstNode | undefined, field: string): string {
  const value = node?.[field]
  return typeof value === 'string' ? value : ''
}

/** The compiler's name of an expression's type, such as `uint256` or `function (uint256) view`. */
export function typeOf(node: AstNode | undefined): string {
  const types = node?.typeDescriptions as { typeString?: string } | undefined
  return types?.typeString ?? ''
}

/** The declaration that a name refers to; negative for what is built in. */
export function referenceOf(node: AstNode | undefined): number | undefined {
  const id = node?.referencedDeclaration
  return typeof id === 'number' ? id : undefined
}

/** Visits `root` and everything below, parents first, in the order of the source; `ancestors` ends with the parent. */
export function walk(
  root: AstNode,
  visit: (node: AstNode, ancestors: readonly AstNode[]) => void,
  ancestors: readonly AstNode[] = [],
): void {
  visit(root, ancestors)
  const below = [...ancestors, root]
  for (const node of childrenOf(root)) walk(node, visit, below)
}

function childrenOf(node: AstNode): AstNode[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []))
    .sort((a, b) => rangeOf(a).start - rangeOf(b).start)
}

/** Every node below, and `root` itself. */
export function nodesIn(root: AstNode): { node: AstNode; ancestors: readonly AstNode[] }[] {
  const found: { node: AstNode; ancestors: readonly AstNode[] }[] = []
  walk(root, (node, ancestors) => found.push({ node, ancestors }))
  return found
}

import { type AstNode, child, list, rangeOf, typeOf } from '../ast.ts'
import type { Edit, Operator, Unit } from '../code.ts'

const LEAVES = ['Return', 'Continue', 'Break', 'RevertStatement']

/** What only refuses or leaves is taken away: `require`, `if (…) revert`, calls that change nothing, modifiers. */
export const guard: Operator = (unit) => [
  ...statements(unit)
    .filter(isGuard)
    .map((node) => removal(unit, node)),
  ...list(unit.node, 'modifiers')
    .filter((node) => node.kind === 'modifierInvocation')
    .map((node) => ({ ...rangeOf(node), text: '' })),
]

/** What changes or tells something is taken away: assignments, calls, events. */
export const effect: Operator = (unit) =>
  statements(unit)
    .filter((node) => node.nodeType === 'EmitStatement' || isEffect(node))
    .map((node) => removal(unit, node))

/** Every statement but those in the head of a loop. */
function statements(unit: Unit): AstNode[] {
  return unit.nodes
    .filter(({ node, ancestors }) => {
      const parent = ancestors.at(-1)
      return parent?.nodeType !== 'ForStatement' || parent.body === node
    })
    .map(({ node }) => node)
}

function removal(unit: Unit, node: AstNode): Edit {
  return { ...unit.source.withSemicolon(rangeOf(node)), text: '{}' }
}

function isGuard(node: AstNode): boolean {
  if (node.nodeType === 'ExpressionStatement') return changesNothing(child(node, 'expression'))
  if (node.nodeType !== 'IfStatement' || child(node, 'falseBody') !== undefined) return false
  const body = child(node, 'trueBody')!
  const only = body.nodeType === 'Block' ? list(body, 'statements') : [body]
  return only.length === 1 && LEAVES.includes(only[0]!.nodeType)
}

function isEffect(node: AstNode): boolean {
  return node.nodeType === 'ExpressionStatement' && !changesNothing(child(node, 'expression'))
}

/** A call of a pure or view function whose answer nobody takes: it is there to revert. */
function changesNothing(expression: AstNode | undefined): boolean {
  if (expression?.nodeType !== 'FunctionCall') return false
  return / (pure|view)( returns |$)/.test(typeOf(child(expression, 'expression')))
}

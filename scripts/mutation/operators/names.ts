import { type AstNode, child, list, rangeOf, referenceOf, text, typeOf } from '../ast.ts'
import { combine, type Edit, type Operator, type Unit } from '../code.ts'
import { lastName } from './expressions.ts'

const SENDER = 'msg.sender'

/** An address takes the place of another one: in a statement, each party becomes each other party in sight. */
export const party: Operator = (unit) => {
  const groups = new Map<AstNode, Map<string, AstNode[]>>()
  for (const { node, ancestors } of unit.nodes.filter(({ node }) => isParty(node))) {
    const statement = ancestors.findLast(({ nodeType }) => /Statement$|^Return$/.test(nodeType))
    if (statement === undefined) continue
    const group = groups.get(statement) ?? new Map<string, AstNode[]>()
    groups.set(statement, group)
    const name = unit.source.of(node)
    group.set(name, [...(group.get(name) ?? []), node])
  }
  return [...groups].flatMap(([statement, group]) =>
    [...group].flatMap(([name, places]) =>
      partiesAt(unit, statement)
        .filter((other) => other !== name)
        .map((other) => replaceAll(unit, places, other)),
    ),
  )
}

/** Two neighbouring arguments of the same type change places. */
export const argumentOrder: Operator = (unit) =>
  unit.nodes
    .filter(({ node }) => node.nodeType === 'FunctionCall' && !isSymmetric(node))
    .flatMap(({ node }) => {
      const values = list(node, 'arguments')
      return values.slice(1).flatMap((second, i) => {
        const first = values[i]!
        if (!areAlike(first, second) || unit.source.of(first) === unit.source.of(second)) return []
        const whole = { start: rangeOf(first).start, end: rangeOf(second).end }
        const swapped = [
          { ...rangeOf(first), text: unit.source.of(second) },
          { ...rangeOf(second), text: unit.source.of(first) },
        ]
        return [combine(unit, whole, swapped)]
      })
    })

/**
 * Names of the same kind and type are taken in pairs, as they are declared, and the one becomes the other: `credit` ↔
 * `debit`, `toRequester` ↔ `toKeeper`, one status ↔ another.
 */
export const neighbour: Operator = (unit) =>
  unit.nodes.flatMap(({ node }) => {
    const declaration = unit.declarationOf(referenceOf(node))
    if (declaration === undefined) return []
    const place = node.nodeType === 'MemberAccess' ? lastName(unit, node) : rangeOf(node)
    if (node.nodeType !== 'MemberAccess' && !isCalledName(node, declaration)) return []
    const name = partnerOf(unit, declaration)?.name
    return name ? [{ ...place, text: name }] : []
  })

function isParty(node: AstNode): boolean {
  if (typeOf(node) !== 'address' || node.lValueRequested === true) return false
  if (node.nodeType === 'FunctionCall') return node.kind === 'functionCall'
  return node.nodeType === 'Identifier' || node.nodeType === 'MemberAccess'
}

/** The addresses that have a name at a statement: the caller, parameters, and variables declared before. */
function partiesAt(unit: Unit, statement: AstNode): string[] {
  const { ancestors } = unit.nodes.find(({ node }) => node === statement)!
  const open = new Set(ancestors.map(({ id }) => id))
  const names = unit.nodes
    .map(({ node }) => node)
    .filter((node) => node.nodeType === 'VariableDeclaration' && typeOf(node) === 'address')
    .filter((node) => open.has(node.scope as number) && rangeOf(node).end < rangeOf(statement).start)
    .map(({ name }) => name ?? '')
    .filter((name) => name !== '')
  return unit.node.stateMutability === 'pure' ? names : [SENDER, ...names]
}

function replaceAll(unit: Unit, places: readonly AstNode[], name: string): Edit {
  const ranges = places.map(rangeOf)
  const whole = {
    start: Math.min(...ranges.map(({ start }) => start)),
    end: Math.max(...ranges.map(({ end }) => end)),
  }
  return combine(
    unit,
    whole,
    ranges.map((range) => ({ ...range, text: name })),
  )
}

const SYMMETRIC = ['min', 'max']

function isSymmetric(call: AstNode): boolean {
  return SYMMETRIC.includes(text(child(call, 'expression'), 'memberName'))
}

const INTEGER = /^u?int\d*$|^int_const /

function areAlike(a: AstNode, b: AstNode): boolean {
  return typeOf(a) === typeOf(b) || (INTEGER.test(typeOf(a)) && INTEGER.test(typeOf(b)))
}

/** Whether a bare name is that of a function of the project. */
function isCalledName(node: AstNode, declaration: AstNode): boolean {
  return node.nodeType === 'Identifier' && declaration.nodeType === 'FunctionDefinition'
}

/** The other one of a declaration's pair; an odd one at the end takes the one before. */
function partnerOf(unit: Unit, declaration: AstNode): AstNode | undefined {
  const owner = unit.ownerOf(declaration.id)
  if (owner === undefined) return undefined
  const all = [...list(owner, 'nodes'), ...list(owner, 'members')].filter((one) =>
    couldReplace(one, declaration),
  )
  const at = all.findIndex(({ id }) => id === declaration.id)
  return at < 0 ? undefined : (all[at ^ 1] ?? all[at - 1])
}

function couldReplace(one: AstNode, other: AstNode): boolean {
  if (one.nodeType !== other.nodeType) return false
  if (one.nodeType === 'EnumValue') return true
  if (one.nodeType === 'FunctionDefinition') {
    return one.visibility === other.visibility && signatureOf(one) === signatureOf(other)
  }
  // fields of a struct; variables of the contract are found by their names
  return one.nodeType === 'VariableDeclaration' && one.stateVariable !== true && typeOf(one) === typeOf(other)
}

function signatureOf(definition: AstNode): string {
  const types = (field: string) => list(child(definition, field)!, 'parameters').map(typeOf).join()
  return `${types('parameters')}->${types('returnParameters')}`
}

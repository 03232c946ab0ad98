import { Edits } from './edits.ts'
import { GATE_PROBES, type Gate, type Ids, type Point, type PointKind } from './points.ts'
import { PROBE_SOURCE } from './probe.ts'
import {
  checkedBy,
  childrenOf,
  conditionsIn,
  findAll,
  isShortCircuit,
  nodeIn,
  nodesIn,
  rangeOf,
  type SyntaxNode,
} from './syntax.ts'

export type Instrumented = { source: string; points: Point[]; gates: Gate[] }

/**
 * The source with a probe at every point.
 *
 * - A function, and a modifier, counts as reached when its body is entered.
 * - A statement counts when execution arrives at it, even if it then reverts.
 * - Each condition has two branches, true and false: each operand of `&&` and `||` (anywhere), and what decides an `if`,
 *   a loop, a conditional expression or a `require`. An `assert` has only one, since it must never fail.
 * - A `try` has a branch for each of its clauses, a modifier at a function has two: passed and refused.
 * - Branches inside of assembly have no probe, so they count as never reached.
 *
 * @param file path in the report
 * @param tree the compiler's syntax tree of `text`, after analysis
 */
export function instrument(file: string, text: string, tree: SyntaxNode, ids: Ids): Instrumented {
  const instrumenter = new Instrumenter(file, text, ids)
  instrumenter.visitUnit(tree)
  return instrumenter.result()
}

const OUTCOMES = ['true', 'false']

class Instrumenter {
  readonly #file: string
  readonly #source: Buffer
  readonly #ids: Ids
  readonly #edits = new Edits()
  readonly #points: Point[] = []
  readonly #gates: Gate[] = []

  constructor(file: string, text: string, ids: Ids) {
    this.#file = file
    this.#source = Buffer.from(text)
    this.#ids = ids
  }

  result(): Instrumented {
    return { source: this.#edits.apply(this.#source), points: this.#points, gates: this.#gates }
  }

  visitUnit(tree: SyntaxNode): void {
    this.#visitDefinitions(tree, '')
    for (const contract of nodesIn(tree, 'nodes').filter((node) => node.nodeType === 'ContractDefinition')) {
      const gates = this.#gates.length
      this.#visitDefinitions(contract, String(contract.name))
      if (this.#gates.length > gates) this.#edits.insert(rangeOf(contract).end - 1, gateModifiers(contract))
    }
    // last, so that messages of the compiler name the right lines
    this.#edits.insert(this.#source.length, `\nimport { CoverageProbe } from "${PROBE_SOURCE}";\n`)
  }

  #visitDefinitions(parent: SyntaxNode, contract: string): void {
    for (const node of nodesIn(parent, 'nodes')) {
      const body = nodeIn(node, 'body')
      if (body === undefined || !/^(Function|Modifier)Definition$/.test(node.nodeType)) continue
      const [id] = this.#add('function', node, { code: String(node.name || node.kind) })
      this.#edits.insert(rangeOf(body).start + 1, ` CoverageProbe.hit(${id});`)
      for (const modifier of nodesIn(node, 'modifiers')) {
        if (modifier.kind === 'modifierInvocation') this.#visitModifier(modifier, node, contract)
      }
      this.#visitStatement(body)
    }
  }

  #visitModifier(node: SyntaxNode, of: SyntaxNode, contract: string): void {
    const first = this.#ids.take(GATE_PROBES)
    const [passed, refused] = this.#add('branch', node, { outcomes: ['passed', 'refused'] })
    this.#gates.push({ first, passed: passed!, refused: refused! })
    // to know of nested calls takes a write, which these must not do
    const isStatic = of.stateMutability === 'view' || of.stateMutability === 'pure'
    if (isStatic)
      this.#wrap(node, `coverageHit${contract}(${first}) `, ` coverageHit${contract}(${first + 2})`)
    else this.#wrap(node, `coverageEnter${contract}(${first}) `, ` coveragePass${contract}(${first})`)
  }

  #visitStatement(node: SyntaxNode): void {
    const type = node.nodeType
    if (type === 'PlaceholderStatement') return
    if (type === 'Block' || type === 'UncheckedBlock') {
      for (const statement of nodesIn(node, 'statements')) this.#visitStatement(statement)
      return
    }
    const [id] = this.#add('statement', node)
    this.#edits.insert(rangeOf(node).start, `CoverageProbe.hit(${id}); `)
    if (type === 'InlineAssembly') {
      this.#visitAssembly(node)
      return
    }
    for (const child of childrenOf(node)) {
      const isBody = [node.body, node.trueBody, node.falseBody].includes(child)
      if (isBody) this.#visitBody(child)
      else if (child === node.condition) this.#visitCondition(child)
      else if (child.nodeType === 'TryCatchClause') this.#visitClause(child, nodesIn(node, 'clauses'))
      else this.#visitExpression(child)
    }
  }

  /** What an `if` or a loop executes; it gets braces where it has none. */
  #visitBody(node: SyntaxNode): void {
    if (node.nodeType !== 'Block') {
      const { start } = rangeOf(node)
      this.#edits.wrap(start, this.#endOf(node), '{ ', ' }')
    }
    this.#visitStatement(node)
  }

  #visitClause(node: SyntaxNode, clauses: readonly SyntaxNode[]): void {
    const block = nodeIn(node, 'block')!
    const name = node === clauses[0] ? 'success' : `catch ${node.errorName ?? ''}`.trim()
    const [id] = this.#add('branch', node, { outcomes: [name] })
    this.#edits.insert(rangeOf(block).start + 1, ` CoverageProbe.hit(${id});`)
    this.#visitStatement(block)
  }

  #visitAssembly(node: SyntaxNode): void {
    for (const branch of findAll(nodeIn(node, 'AST')!, ['YulForLoop', 'YulIf', 'YulSwitch'])) {
      const condition = nodeIn(branch, 'condition') ?? nodeIn(branch, 'expression') ?? branch
      this.#add('branch', condition, { outcomes: ['assembly'] })
    }
  }

  #visitExpression(node: SyntaxNode): void {
    if (isShortCircuit(node)) {
      this.#visitCondition(node)
      return
    }
    const check = checkedBy(node)
    const decides = check?.condition ?? (node.nodeType === 'Conditional' ? node.condition : undefined)
    for (const child of childrenOf(node)) {
      if (child === decides) this.#visitCondition(child, check?.name === 'assert' ? ['true'] : OUTCOMES)
      else this.#visitExpression(child)
    }
  }

  #visitCondition(node: SyntaxNode, outcomes: readonly string[] = OUTCOMES): void {
    for (const condition of conditionsIn(node)) {
      const first = this.#ids.take(OUTCOMES.length)
      this.#wrap(condition, `CoverageProbe.branch(${first}, `, ')')
      this.#add('branch', condition, { outcomes, first })
      this.#visitExpression(condition)
    }
  }

  /** Adds a point for each outcome, and returns their ids. */
  #add(
    kind: PointKind,
    node: SyntaxNode,
    about: { code?: string; outcomes?: readonly string[]; first?: number } = {},
  ): number[] {
    const {
      code = this.#textOf(node),
      outcomes = [undefined],
      first = this.#ids.take(outcomes.length),
    } = about
    const line = this.#lineOf(rangeOf(node).start)
    return outcomes.map((outcome, index) => {
      const id = first + index
      this.#points.push({ id, kind, file: this.#file, line, code, ...(outcome !== undefined && { outcome }) })
      return id
    })
  }

  #wrap(node: SyntaxNode, before: string, after: string): void {
    const { start, end } = rangeOf(node)
    this.#edits.wrap(start, end, before, after)
  }

  #textOf(node: SyntaxNode): string {
    const { start, end } = rangeOf(node)
    return this.#source.subarray(start, end).toString().replace(/\s+/g, ' ')
  }

  #lineOf(offset: number): number {
    return this.#source.subarray(0, offset).toString().split('\n').length
  }

  /** Where a statement ends, with its semicolon, which the compiler leaves out. */
  #endOf(node: SyntaxNode): number {
    const last = nodeIn(node, 'falseBody') ?? nodeIn(node, 'trueBody') ?? nodeIn(node, 'body')
    if (last !== undefined && node.nodeType !== 'DoWhileStatement') return this.#endOf(last)
    const { end } = rangeOf(node)
    if (/Block$|^InlineAssembly$|^TryStatement$/.test(node.nodeType)) return end
    const rest = this.#source.subarray(end).toString('latin1')
    return end + (/^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*;/.exec(rest)?.[0].length ?? 0)
  }
}

/** Modifiers that stand before and after each modifier of a contract's functions; no other contract has their names. */
function gateModifiers({ name }: SyntaxNode): string {
  return [
    `modifier coverageEnter${name}(uint256 id) { CoverageProbe.enter(id); _; CoverageProbe.leave(id); }`,
    `modifier coveragePass${name}(uint256 id) { CoverageProbe.pass(id); _; }`,
    `modifier coverageHit${name}(uint256 id) { CoverageProbe.hit(id); _; }`,
  ].join(' ')
}

import { type AstNode, nodesIn, type Range, rangeOf } from './ast.ts'

/** The text of a file, by bytes, as the compiler counts. */
export class SourceText {
  readonly bytes: Buffer
  readonly text: string

  constructor(text: string) {
    this.text = text
    this.bytes = Buffer.from(text)
  }

  slice({ start, end }: Range): string {
    return this.bytes.subarray(start, end).toString()
  }

  of(node: AstNode): string {
    return this.slice(rangeOf(node))
  }

  /** The text with a part of it replaced. */
  replace({ start, end }: Range, by: string): string {
    return `${this.bytes.subarray(0, start)}${by}${this.bytes.subarray(end)}`
  }

  /** The line a byte stands on, from 1. */
  lineOf(position: number): number {
    return this.slice({ start: 0, end: position }).split('\n').length
  }

  /** `range` stretched to whole lines, without the last end of line. */
  linesAround({ start, end }: Range): Range {
    const from = this.bytes.lastIndexOf(0x0a, start - 1) + 1
    const to = this.bytes.indexOf(0x0a, end)
    return { start: start === 0 ? 0 : from, end: to < 0 ? this.bytes.length : to }
  }

  /** `range` with the semicolon that follows it, if one does. */
  withSemicolon({ start, end }: Range): Range {
    const gap = /^\s*;/.exec(this.slice({ start: end, end: end + 80 }))
    return { start, end: end + (gap?.[0].length ?? 0) }
  }
}

/** Finds what names refer to, in the whole project. */
export interface Declarations {
  declarationOf(id: number | undefined): AstNode | undefined
  /** The contract, struct or enum of the project that a declaration is part of. */
  ownerOf(id: number): AstNode | undefined
}

/** Something to mutate: a function, a modifier or a constant. */
export interface Unit extends Declarations {
  file: string
  /** Its name; `constructor` for one. */
  name: string
  node: AstNode
  source: SourceText
  /** Every node of it, parents first. */
  nodes: { node: AstNode; ancestors: readonly AstNode[] }[]
}

/** A part of a source and what stands there instead. */
export interface Edit extends Range {
  text: string
}

/** Finds the edits of one kind in a unit. */
export type Operator = (unit: Unit) => Edit[]

/** The functions, modifiers and constants of a file. */
export function unitsOf(file: string, ast: AstNode, source: SourceText, declarations: Declarations): Unit[] {
  return nodesIn(ast)
    .filter(({ node }) => isUnit(node))
    .map(({ node }) => ({
      ...{ file, name: unitName(node), node, source, nodes: nodesIn(node) },
      declarationOf: (id) => declarations.declarationOf(id),
      ownerOf: (id) => declarations.ownerOf(id),
    }))
}

export function unitName(node: AstNode): string {
  return node.kind === 'constructor' ? 'constructor' : (node.name ?? '') || String(node.kind)
}

/** Whether a node is a function, a modifier, or a constant with its value. */
export function isUnit(node: AstNode): boolean {
  if (node.nodeType === 'FunctionDefinition' || node.nodeType === 'ModifierDefinition') return true
  return node.nodeType === 'VariableDeclaration' && node.constant === true
}

/** The text of a node with edits inside it applied, as one edit. */
export function combine(unit: Unit, whole: Range, edits: readonly Edit[]): Edit {
  let text = ''
  let at = whole.start
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    text += unit.source.slice({ start: at, end: edit.start }) + edit.text
    at = edit.end
  }
  return { ...whole, text: text + unit.source.slice({ start: at, end: whole.end }) }
}

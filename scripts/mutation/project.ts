import { listFiles } from '../bootstrap/files.mjs'
import { fingerprint } from '../support/fingerprint.ts'
import { type AstNode, list, nodesIn, text } from './ast.ts'
import { type Declarations, SourceText } from './code.ts'
import { type ContractName, readSources } from './compiler.ts'

/**
 * What is mutated where nothing else is asked for: what moves or decides about money. The machine is compared with V8 and with
 * the other engines instead.
 */
export const MONEY = [
  'contracts/**/*.sol',
  ...['!contracts/**/*.t.sol', '!contracts/mocks/**', '!contracts/interfaces/**', '!contracts/token/**'],
  ...['!contracts/libraries/*Tree.sol', '!contracts/libraries/SoftFloat*.sol'],
  ...['!contracts/verification/OneStep*.sol', '!contracts/verification/vm/**'],
]

const OWNERS = ['ContractDefinition', 'StructDefinition', 'EnumDefinition']

/** The sources of all contracts, and what the compiler knows about them. */
export class Project implements Declarations {
  /** Every source that takes part, by the name it is imported by. */
  readonly sources: ReadonlyMap<string, SourceText>
  readonly trees: ReadonlyMap<string, AstNode>
  readonly #declarations = new Map<number, AstNode>()
  readonly #owners = new Map<number, AstNode>()

  constructor(sources: ReadonlyMap<string, string>, trees: ReadonlyMap<string, AstNode>) {
    this.sources = new Map([...sources].map(([file, content]) => [file, new SourceText(content)]))
    this.trees = trees
    for (const [file, tree] of trees) {
      for (const { node, ancestors } of nodesIn(tree)) {
        this.#declarations.set(node.id, node)
        const parent = ancestors.at(-1)
        const isPart = parent !== undefined && OWNERS.includes(parent.nodeType)
        if (isPart && file.startsWith('contracts/')) this.#owners.set(node.id, parent)
      }
    }
  }

  /** @throws {MutationError} when the contracts do not compile */
  static read(root: string): Project {
    const files = listFiles(root, ['contracts/**/*.sol', '!contracts/**/*.t.sol'])
    const { sources, trees } = readSources(root, files)
    return new Project(sources, trees)
  }

  declarationOf(id: number | undefined): AstNode | undefined {
    return id === undefined ? undefined : this.#declarations.get(id)
  }

  ownerOf(id: number): AstNode | undefined {
    return this.#owners.get(id)
  }

  /** A source and everything it imports. */
  closureOf(file: string): Set<string> {
    const found = new Set([file])
    for (const next of found) {
      for (const node of list(this.trees.get(next)!, 'nodes')) {
        if (node.nodeType === 'ImportDirective') found.add(text(node, 'absolutePath'))
      }
    }
    return found
  }

  /** The contracts that can be deployed. */
  contracts(): ContractName[] {
    return [...this.trees]
      .filter(([file]) => file.startsWith('contracts/'))
      .flatMap(([file, tree]) =>
        list(tree, 'nodes')
          .filter(({ contractKind, abstract }) => contractKind === 'contract' && abstract !== true)
          .map(({ name = '' }) => ({ file, name })),
      )
  }

  /** Those that contain code of a source. */
  contractsWith(source: string): ContractName[] {
    return this.contracts().filter(({ file }) => this.closureOf(file).has(source))
  }

  /** A hash of every source. */
  fingerprint(): string {
    return fingerprint([...this.sources].map(([file, { text }]) => `${file}\n${text}`).sort())
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { Edits } from '../coverage/edits.ts'
import { childrenOf, findAll, nodeIn, rangeOf, type SyntaxNode } from '../coverage/syntax.ts'

/** `proven`: for all arguments and states; `refuted`: with an example; `undecided`: the solver gave up. */
export type Verdict = 'proven' | 'refuted' | 'undecided'

/** What is to be proven of an operation or assertion, wherever in the contract it was executed from. */
export type Obligation = {
  contract: string
  /** Path of the source. */
  file: string
  line: number
  /** Such as `Overflow` or `Assertion violation`; {@link REACHED} for the end of a function. */
  kind: string
  /** The source text, in one line. */
  code: string
  verdict: Verdict
  /** Spent by the solver. */
  seconds: number
  /** Values that refute it. */
  example?: string
}

export type Proof = {
  obligations: Obligation[]
  /** What the model checker does not understand, and takes for anything at all. */
  unsupported: string[]
}

/** Answers a query in SMT-LIB. */
export type Solver = (query: string) => string

type Message = {
  severity: 'error' | 'warning' | 'info'
  message: string
  formattedMessage: string
  sourceLocation?: { file: string; start: number; end: number }
  secondarySourceLocations?: { message?: string }[]
}
type Output = { errors?: Message[]; sources: Record<string, { ast: SyntaxNode }> }
type Callbacks = {
  import: (path: string) => { contents: string } | { error: string }
  smtSolver?: (query: string) => { contents: string }
}

/** The compiler refused a source. */
export class ProofSourceError extends Error {
  constructor(messages: readonly string[]) {
    super(`A source of the proofs does not compile.\n\n${messages.join('\n')}`)
    this.name = 'ProofSourceError'
  }
}

/** That some call comes to the end of a function: otherwise what it asserts holds only because it is never come to. */
export const REACHED = 'Reached end'

const TARGETS = ['assert', 'overflow', 'underflow', 'divByZero']
/** More than any loop here makes: a reputation's days take five. */
const LOOP_ITERATIONS = 6
/** What is full of assembly, and what says the same without. */
const STAND_INS: Record<string, string> = {
  '@openzeppelin/contracts/utils/math/Math.sol': 'test/smt/PlainMath.sol',
}
const NEVER = 'assert(false);'

/**
 * Has the compiler's model checker prove what the functions of a contract assert, that no arithmetic on the way there
 * overflows or divides by zero, and that the ends of the functions are reached at all.
 *
 * @param root folder of the project
 * @param file path of the source from there; its contract has the file's name
 * @param content text of the source, where it is not that of the file
 * @throws ProofSourceError
 */
export function prove(
  root: string,
  file: string,
  solver: Solver,
  content: string = readFileSync(join(root, file), 'utf8'),
): Proof {
  const checker = new Checker(root, file, solver)
  const { messages, obligations } = checker.check(content, TARGETS)
  const unsupported = messages.filter((message) => /does not (yet )?(implement|support)/.test(message))
  return {
    obligations: [...obligations, ...checker.checkEnds(content)],
    unsupported: [...new Set(unsupported)],
  }
}

class Checker {
  readonly #root: string
  readonly #file: string
  readonly #contract: string
  readonly #solver: Solver

  constructor(root: string, file: string, solver: Solver) {
    this.#root = root
    this.#file = file
    this.#contract = basename(file, '.sol')
    this.#solver = solver
  }

  check(
    content: string,
    targets: readonly string[],
  ): { messages: string[]; obligations: Obligation[]; places: number[] } {
    const spent = new Map<number, number>()
    const { errors = [], sources } = this.#compile(content, targets, (query) => {
      const started = performance.now()
      const answer = this.#solver(query)
      const id = subjectOf(query)
      spent.set(id, (spent.get(id) ?? 0) + (performance.now() - started) / 1_000)
      return answer
    })
    const times = [...spent].flatMap(([id, seconds]) =>
      placesOf(sources, id).map((at) => ({ ...at, seconds })),
    )
    const found = errors.flatMap((message) => {
      const obligation = this.#obligationOf(message, content)
      return obligation ? [{ ...obligation, at: message.sourceLocation! }] : []
    })
    // The checker names a place once for each way that leads there, and a query by what stands in the place
    const byPlace = Map.groupBy(found, ({ at, kind }) => `${at.file}:${at.start}:${at.end} ${kind}`)
    const merged = [...byPlace.values()].map((same) => worstOf(same))
    for (const { file, start, end, seconds } of times) {
      const around = merged.filter(({ at }) => at.file === file && at.start <= start && end <= at.end)
      const nearest = around.toSorted((a, b) => a.at.end - a.at.start - (b.at.end - b.at.start))[0]
      if (nearest) nearest.seconds += seconds
    }
    return {
      messages: errors.map(({ message }) => message.split('\n')[0]!),
      obligations: merged.map(({ at: _, ...obligation }) => obligation),
      places: merged.map(({ at }) => at.start),
    }
  }

  /** Requires all that is asserted, and has every function end in an assertion that no call may come to. */
  checkEnds(content: string): Obligation[] {
    const required = content.replaceAll(/\bassert\(/g, 'require(')
    const { ast } = this.#compile(required).sources[this.#file]!
    const functions = findAll(ast, ['FunctionDefinition']).filter((node) => node.visibility === 'external')
    const edits = new Edits()
    for (const node of functions) edits.insert(rangeOf(nodeIn(node, 'body')!).end - 1, NEVER)
    const source = edits.apply(Buffer.from(required))
    const { obligations, places } = this.check(source, ['assert'])
    const ends = offsetsOf(source, NEVER)
    const opposite: Record<Verdict, Verdict> = {
      proven: 'refuted',
      refuted: 'proven',
      undecided: 'undecided',
    }
    return functions.map((node, index) => {
      const { line, verdict, seconds } = obligations[places.indexOf(ends[index]!)]!
      const place = { contract: this.#contract, file: this.#file, line }
      return { ...place, kind: REACHED, code: String(node.name), verdict: opposite[verdict], seconds }
    })
  }

  #compile(content: string, targets?: readonly string[], solver?: Solver): Output {
    const solc = createRequire(import.meta.url)('solc') as {
      compile(input: string, callbacks: Callbacks): string
    }
    const modelChecker = targets && {
      engine: 'bmc',
      solvers: ['smtlib2'],
      contracts: { [this.#file]: [this.#contract] },
      targets,
      bmcLoopIterations: LOOP_ITERATIONS,
      showProvedSafe: true,
      showUnproved: true,
      showUnsupported: true,
    }
    const input = {
      language: 'Solidity',
      sources: { [this.#file]: { content } },
      settings: { outputSelection: { '*': { '': ['ast'] } }, ...(modelChecker && { modelChecker }) },
    }
    const output: Output = JSON.parse(
      solc.compile(JSON.stringify(input), {
        import: (path) => {
          const found = this.#pathOf(path)
          return found ? { contents: readFileSync(found, 'utf8') } : { error: `there is no ${path}` }
        },
        ...(solver && { smtSolver: (query: string) => ({ contents: solver(query) }) }),
      }),
    )
    const refusals = (output.errors ?? []).filter(({ severity }) => severity === 'error')
    if (refusals.length > 0)
      throw new ProofSourceError(refusals.map(({ formattedMessage }) => formattedMessage))
    return output
  }

  #pathOf(source: string): string | undefined {
    const path = STAND_INS[source] ?? source
    return [join(this.#root, path), join(this.#root, 'node_modules', path)].find(existsSync)
  }

  #obligationOf(
    { message, sourceLocation, secondarySourceLocations = [] }: Message,
    content: string,
  ): Obligation | undefined {
    const said = VERDICT.exec(message)?.groups
    if (!said || !sourceLocation) return undefined
    const { kind = '', verdict = '' } = said
    const { file, start, end } = sourceLocation
    const source = file === this.#file ? Buffer.from(content) : readFileSync(this.#pathOf(file)!)
    const code = source.subarray(start, end).toString().replace(/\s+/g, ' ')
    const line = source.subarray(0, start).toString().split('\n').length
    const example = secondarySourceLocations
      .map((note) => /^Counterexample:\s*(?<values>.*)/s.exec(note.message ?? '')?.groups?.values?.trim())
      .find((values) => values !== undefined)
      ?.split(/\s*\n\s*/)
      .filter((value) => !/^= |^[A-Z_]+ = | = 0$/.test(value))
      .join(', ')
    const about = {
      contract: this.#contract,
      file,
      line,
      kind,
      code,
      verdict: VERDICTS[verdict]!,
      seconds: 0,
    }
    return { ...about, ...(example && { example }) }
  }
}

const VERDICT = /^BMC: (?<kind>.+?)(?: \(.+\))? (?<verdict>check is safe|happens here|might happen here)/
const VERDICTS: Record<string, Verdict> = {
  'check is safe': 'proven',
  'happens here': 'refuted',
  'might happen here': 'undecided',
}

function worstOf<T extends { verdict: Verdict }>(same: readonly T[]): T {
  const order: Verdict[] = ['refuted', 'undecided', 'proven']
  return same.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))[0]!
}

/**
 * The node of the syntax tree that a query is about. The compiler asks `(assert (and known claim))`, and names values
 * after the nodes that they are of.
 */
function subjectOf(query: string): number {
  const end = query.indexOf('\n', query.indexOf('\n(assert ') + 1) - '))'.length
  let depth = 0
  let start = end
  do {
    start--
    if (query[start] === ')') depth++
    if (query[start] === '(') depth--
  } while (depth > 0 && start > 0)
  return Number(/expr_(\d+)_/.exec(query.slice(start, end))?.[1] ?? -1)
}

/** Where the node with this id stands. */
function placesOf(sources: Output['sources'], id: number): { file: string; start: number; end: number }[] {
  return Object.entries(sources).flatMap(([file, { ast }]) =>
    nodesWith(ast, id).map((node) => ({ file, ...rangeOf(node) })),
  )
}

function nodesWith(node: SyntaxNode, id: number): SyntaxNode[] {
  return node.id === id ? [node] : childrenOf(node).flatMap((child) => nodesWith(child, id))
}

/** Where `text` stands in a source, in bytes. */
function offsetsOf(source: string, text: string): number[] {
  const parts = source.split(text).slice(0, -1)
  let before = 0
  return parts.map((part, index) => {
    before += Buffer.byteLength(part)
    return before + index * Buffer.byteLength(text)
  })
}

import { entries, inside, outcomes, split, strings, VALUE } from './expressions.ts'

/** What the source of an error class says about it. */
export type ErrorClass = {
  name: string
  parent: string
  file: string
  /** The class's own comment, in one line. */
  meaning: string
  /** First lines that its message can have, with `…` for values. */
  messages: string[]
  /** Labels of the facts in its message. */
  facts: string[]
  /** Sentences that its message can end with. */
  remedies: string[]
  /** Whether a remedy is the next step for a job's status. */
  stepsByStatus: boolean
  /** Fields that a program can read, with their types. */
  fields: string[]
  /** undefined: depends on the case. */
  retryable: boolean | undefined
}

const CLASS =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export class (\w+Error) extends (\w+) \{(?:\}|([\s\S]*?)\n\})/g
const FIELD = /^ {2}readonly (\w+): (.+)$/gm
const RETRYABLE = /^ {2}(?:override )?readonly retryable(?:: boolean)?(?: = (true|false))?$/m

/** The error classes of a source file, in its order. `retryable` is each class's own word or false. */
export function readErrors(source: string, file: string): ErrorClass[] {
  const tableOf = (name: string) => {
    const start = name === '' ? -1 : source.search(new RegExp(`^const ${name}\\b[^=]*= \\{`, 'm'))
    return start < 0 ? undefined : source.slice(source.indexOf('= {', start))
  }
  return [...source.matchAll(CLASS)].map(([, comment = '', name = '', parent = '', body = '']) => {
    const [message = '', options = '{}'] = superArguments(body)
    const { facts = '', remedy = '' } = Object.fromEntries(entries(options))
    const retryable = RETRYABLE.exec(body)
    const stepsByStatus = remedy.includes('nextStep(')
    return {
      name,
      parent,
      file,
      meaning: firstParagraph(comment),
      messages: outcomes(message, tableOf),
      facts: factsOf(facts),
      remedies: outcomes(remedy, tableOf).map((text) =>
        stepsByStatus ? text.replace(` ${VALUE}`, '') : text,
      ),
      stepsByStatus,
      fields: [...body.matchAll(FIELD)]
        .filter(([, field]) => field !== 'retryable')
        .map(([, field, type]) => `${field}: ${type}`),
      retryable:
        retryable === null ? false : retryable[1] === undefined ? undefined : retryable[1] === 'true',
    }
  })
}

function superArguments(body: string): string[] {
  const at = body.indexOf('super(')
  return at < 0 ? [] : split(inside(body, at + 'super'.length), /,/)
}

/** Facts are an object of label and value, or made of pairs of them. */
function factsOf(expression: string): string[] {
  if (expression.startsWith('{')) return entries(expression).map(([label]) => label)
  return [...new Set(strings(expression))]
}

function firstParagraph(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim())
  return lines.join('\n').trim().split('\n\n')[0]?.replaceAll('\n', ' ') ?? ''
}

import type { Contents, Outcome } from './engines.ts'
import type { Constant } from './script.ts'
import { matches } from './values.ts'

/** Texts of the suite that the machine does not tell apart: an index past the table's length, or of an entry without function. */
const elementTexts = ['undefined element', 'uninitialized element', 'out of bounds table access']

/** Why an outcome is not what the script expects, or undefined. */
export function misreturn(expected: readonly Constant[], outcome: Outcome): string | undefined {
  const wanted = `expected ${constantsText(expected)}, found ${outcomeText(outcome)}`
  if (outcome.ending !== 'returned' || outcome.values.length !== expected.length) return wanted
  return expected.every((constant, i) => matches(constant, outcome.values[i]!)) ? undefined : wanted
}

/** Why an outcome is not the trap that the script expects, or undefined. */
export function mistrap(text: string, outcome: Outcome): string | undefined {
  const wanted = `expected the trap "${text}", found ${outcomeText(outcome)}`
  if (outcome.ending !== 'trapped') return wanted
  return outcome.reason === undefined || sameReason(text, outcome.reason) ? undefined : wanted
}

function sameReason(text: string, reason: string): boolean {
  const isElement = (name: string) => elementTexts.some((prefix) => name.startsWith(prefix))
  if (isElement(text)) return isElement(reason)
  return text.startsWith(reason) || reason.startsWith(text)
}

/** Where two engines part, or undefined: they end alike, with the same bits, after the same number of steps. */
export function difference(left: Outcome, right: Outcome): string | undefined {
  return sameEnding(left, right) ? undefined : `${outcomeText(left)} and ${outcomeText(right)}`
}

function sameEnding(left: Outcome, right: Outcome): boolean {
  if (left.ending === 'returned' && right.ending === 'returned')
    return left.values.join() === right.values.join() && left.steps === right.steps
  if (left.ending === 'trapped' && right.ending === 'trapped')
    return left.steps === undefined || right.steps === undefined || left.steps === right.steps
  return left.ending === right.ending
}

/** Where two engines left other things behind, or undefined. */
export function contentsDifference(left: Contents, right: Contents): string | undefined {
  if (left.pages !== right.pages) return `${left.pages} and ${right.pages} pages`
  const [own, other] = [left.globals, right.globals]
  if (own !== undefined && other !== undefined) {
    const index = own.findIndex((value, index) => value !== other[index])
    if (index >= 0) return `${own[index]} and ${other[index]} in global ${index}`
  }
  for (let number = 0; number < left.pages; number++) {
    const [a, b] = [left.page(number), right.page(number)]
    if (Buffer.compare(a, b) === 0) continue
    const at = a.findIndex((byte, index) => byte !== b[index])
    return `${a[at]} and ${b[at]} at address ${number * a.length + at}`
  }
  return undefined
}

function outcomeText(outcome: Outcome): string {
  if (outcome.ending === 'unfinished') return 'no end'
  const { steps } = outcome
  const after = steps === undefined ? '' : ` after ${steps} step${steps === 1n ? '' : 's'}`
  if (outcome.ending === 'trapped') return `the trap "${outcome.reason ?? 'of unknown reason'}"${after}`
  return `(${outcome.values.map((bits) => `0x${bits.toString(16)}`).join(', ')})${after}`
}

function constantsText(constants: readonly Constant[]): string {
  return `(${constants.map(({ type, value }) => `${type} ${value}`).join(', ')})`
}

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
  const same =
    left.ending === right.ending &&
    left.steps === right.steps &&
    (left.ending !== 'returned' || right.ending !== 'returned' || left.values.join() === right.values.join())
  return same ? undefined : `${outcomeText(left)} and ${outcomeText(right)}`
}

/** Where two engines left other things behind, or undefined. */
export function contentsDifference(left: Contents, right: Contents): string | undefined {
  if (left.pages !== right.pages) return `${left.pages} and ${right.pages} pages`
  const global = left.globals.findIndex((value, index) => value !== right.globals[index])
  if (global >= 0) return `${left.globals[global]} and ${right.globals[global]} in global ${global}`
  for (let number = 0; number < left.pages; number++) {
    const [a, b] = [left.page(number), right.page(number)]
    if (Buffer.compare(a, b) === 0) continue
    const at = a.findIndex((byte, index) => byte !== b[index])
    return `${a[at]} and ${b[at]} at address ${number * a.length + at}`
  }
  return undefined
}

export function outcomeText(outcome: Outcome): string {
  const steps = `${outcome.steps} step${outcome.steps === 1n ? '' : 's'}`
  switch (outcome.ending) {
    case 'returned':
      return `(${outcome.values.map((bits) => `0x${bits.toString(16)}`).join(', ')}) after ${steps}`
    case 'trapped':
      return `the trap "${outcome.reason ?? 'unknown'}" after ${steps}`
    case 'unfinished':
      return `no end after ${steps}`
  }
}

function constantsText(constants: readonly Constant[]): string {
  return `(${constants.map(({ type, value }) => `${type} ${value}`).join(', ')})`
}

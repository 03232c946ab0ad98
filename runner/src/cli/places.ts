import { printable } from 'assay'
import type { FunctionPlace } from 'assay/vm'

/** Characters of a function's name that are shown. */
const mostNamed = 40

/** A function as people name it: its index and, where it has one, its name. */
export function functionText(place: FunctionPlace | undefined): string {
  return place === undefined ? 'entry stub' : `function ${functionLabel(place).slice(1)}`
}

/** {@link functionText} in a narrow column. */
export function functionLabel(place: FunctionPlace | undefined): string {
  if (place === undefined) return 'stub'
  const { index, name } = place
  if (name === undefined) return `#${index}`
  const shown = name.length > mostNamed ? `${name.slice(0, mostNamed)}…` : name
  return `#${index} ${printable(shown)}`
}

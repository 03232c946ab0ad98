import { formatUnits } from 'viem'
import type { Resources } from '../types/resources.ts'

/** Decimals of a unit, the market's internal amount. */
export const unitDecimals = 6

/** An amount in units as text: `1.5 ASSAY`. */
export function formatAmount(units: bigint): string {
  return `${formatUnits(units, unitDecimals)} ASSAY`
}

/** Resources as text: `4 cores, 8192 MiB memory, 20 GiB disk`. */
export function formatResources({ cores, memoryMiB, diskGiB }: Resources): string {
  return `${cores} cores, ${memoryMiB} MiB memory, ${diskGiB} GiB disk`
}

/** A unix time as text, with the seconds for comparing. */
export function formatTime(seconds: number): string {
  // Dates end at 8.64e15 ms; a hostile contract may return any number
  if (!Number.isSafeInteger(seconds) || seconds > 8.64e12) return `${seconds}`
  return `${new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')} (${seconds})`
}

/** Endpoints, names and answers are written by strangers: none of it may steer a terminal, or begin a line of its own. */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(/\p{C}/gu, '\ufffd')
}

/** Lines of `label: value`, the values in one column. */
export function formatFacts(facts: Readonly<Record<string, unknown>>): string[] {
  const present = Object.entries(facts).filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...present.map(([label]) => label.length))
  return present.map(([label, value]) => `${`${label}:`.padEnd(width + 1)} ${printable(`${value}`)}`)
}

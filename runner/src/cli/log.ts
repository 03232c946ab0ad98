import { formatAmount, printable } from 'assay'
import pc from 'picocolors'
import { type Logger, pino } from 'pino'

/** Logs on stderr: JSON lines for machines, or one short line each for people. */
export function createLogger(format: 'text' | 'json'): Logger {
  const options = { base: null, formatters: { level: (level: string) => ({ level }) } }
  if (format === 'json') return pino(options, pino.destination({ fd: 2, sync: true }))
  return pino(options, { write: (line: string) => void process.stderr.write(`${toText(line)}\n`) })
}

const PASSED_OVER = new Set(['level', 'time', 'event', 'msg', 'error'])
const AMOUNTS = new Set(['price', 'bond', 'amount', 'stake'])

function toText(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown> & { level: string; time: number; msg: string }
  const details = Object.entries(entry)
    .filter(([key]) => !PASSED_OVER.has(key))
    .map(([key, value]) => `${key}=${AMOUNTS.has(key) ? amount(value) : shorten(value)}`)
    .join(' ')
  const color = entry.level === 'error' ? pc.red : entry.level === 'warn' ? pc.yellow : (text: string) => text
  return `${pc.dim(new Date(entry.time).toISOString().slice(11, 19))} ${color(entry.msg)}${details ? pc.dim(` ${details}`) : ''}`
}

/** Units are for machines. */
function amount(value: unknown): string {
  return /^\d+$/.test(String(value)) ? formatAmount(BigInt(String(value))) : shorten(value)
}

function shorten(value: unknown): string {
  if (typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)) return `${value.slice(0, 10)}…`
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

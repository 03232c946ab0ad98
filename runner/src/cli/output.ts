import { printable } from 'assay'
import pc from 'picocolors'

/** Result of a command: JSON where asked for, text otherwise; always on stdout. */
export function print(options: { json?: boolean }, value: unknown, text: string): void {
  process.stdout.write(options.json ? `${toJson(value)}\n` : `${text}\n`)
}

/** JSON with amounts as decimal strings of units. */
export function toJson(value: unknown, space?: number): string {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString() : v), space)
}

/** Columns padded to their widest cell; numbers and amounts to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        /^[\d.,]+( |$)/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [pc.bold(line(header)), ...rows.map(line)].join('\n')
}

/** `label: value` lines with the values aligned. */
export function facts(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([label]) => label.length)) + 2
  return entries.map(([label, value]) => `${`${label}:`.padEnd(width)}${printable(value)}`).join('\n')
}

/** A unix time, in UTC. */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')
}

/** The beginning and the end of a hash or an address. */
export function shortHash(hash: string): string {
  return `${hash.slice(0, 10)}…${hash.slice(-4)}`
}

/** A whole number with its thousands apart: `1,048,576`. */
export function grouped(value: number | bigint): string {
  return value.toLocaleString('en')
}

/** `1 task`, `2 tasks`. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

/** One line that is redrawn on a terminal, and printed only when it matters where the output is piped. */
export class Progress {
  readonly #live: boolean
  #line = ''

  constructor(json = false) {
    this.#live = process.stderr.isTTY === true && !json
  }

  /** Redraws the bar; nothing where there is no terminal. */
  update(done: number, total: number, text: string): void {
    if (!this.#live) return
    const width = 24
    const filled = Math.round((width * done) / Math.max(1, total))
    this.#draw(
      `${pc.green('█'.repeat(filled))}${pc.dim('░'.repeat(width - filled))} ${done}/${total} ${text}`,
    )
  }

  /** A line that stays. */
  note(text: string): void {
    const line = this.#line
    this.#draw('')
    process.stderr.write(`${text}\n`)
    if (line) this.#draw(line)
  }

  end(): void {
    this.#draw('')
  }

  #draw(line: string): void {
    if (!this.#live) return
    process.stderr.write(`\r\x1b[K${line}`)
    this.#line = line
  }
}

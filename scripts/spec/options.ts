import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readScript } from './script.ts'
import { scriptsOf } from './suite.ts'

export const usage = `Usage: npm run spec -- [--onchain] DIR [FILE…]

DIR has scripts of WebAssembly's test suite as wast2json makes them, i32.json and its i32.0.wasm and so on; FILE names some of them,
such as i32. For each one passed/failed/skipped is printed. --onchain: OneStepVM makes every step as well.`

/** What `npm run spec` is asked for. */
export type Options = { folder: string; files: string[]; isWhole: boolean; onchain: boolean }

/**
 * Reads the arguments of `npm run spec`.
 * @returns what is wrong with them, in a sentence, where something is.
 */
export function readOptions(args: readonly string[]): Options | string {
  let values: { onchain: boolean }
  let positionals: string[]
  try {
    const options = { onchain: { type: 'boolean', default: false } } as const
    ;({ values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true }))
  } catch (error) {
    return (error as Error).message
  }
  const [folder, ...named] = positionals
  if (folder === undefined) return 'DIR is missing.'
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `There is no folder ${folder}.`
  const isWhole = named.length === 0
  const files: string[] = []
  for (const name of isWhole ? scriptsOf(folder) : named) {
    const file = name.endsWith('.json') ? name : `${name}.json`
    if (!existsSync(join(folder, file))) return `There is no script ${file} in ${folder}.`
    const is = isScript(join(folder, file))
    // a folder may have other JSON beside its scripts, but nothing that is broken
    if (is === undefined || (!is && !isWhole)) return `${file} in ${folder} is no script of wast2json.`
    if (is) files.push(file)
  }
  if (files.length === 0) return `There is no script in ${folder}.`
  return { folder, files, isWhole, onchain: values.onchain }
}

/** Whether a file is a script; undefined if it is no JSON. */
function isScript(path: string): boolean | undefined {
  try {
    return Array.isArray(readScript(path))
  } catch (error) {
    return error instanceof SyntaxError ? undefined : false
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '../bootstrap/files.mjs'

const PRODUCT = [
  'contracts/**/*.sol',
  'sdk/src/**/*.ts',
  'runner/src/**/*.ts',
  'scripts/**/*.ts',
  'scripts/**/*.mjs',
]
const GENERATED = ['!sdk/src/abis.ts', '!sdk/src/vm/fast/modules/**']
const LONGEST = 400

/** Product files too long to have one reason to exist. */
export function longFiles(root: string): string[] {
  return listFiles(root, [...PRODUCT, ...GENERATED])
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST)
    .map(({ file, lines }) => `${file} has ${lines} lines (more than ${LONGEST})`)
}

/** Places that throw a bare `Error`, which no caller can tell from another. */
export function bareErrors(root: string): string[] {
  return listFiles(root, ['sdk/src/**/*.ts', 'runner/src/**/*.ts']).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /\bnew Error\(/.test(line) ? [`${file}:${index + 1} throws a bare Error: give it a class`] : [],
      ),
  )
}

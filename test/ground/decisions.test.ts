import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { listFiles } from '../../scripts/bootstrap/files.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Paragraphs that begin with a number, and whether they name who is guarded. */
const decisions = new Map(
  read('docs/vm/decisions.md')
    .split('\n\n')
    .flatMap((paragraph) => {
      const number = /^\*\*(\d+b?)\.\*\* /.exec(paragraph)?.[1]
      return number === undefined ? [] : [[number, /^\*Guards\* \w/m.test(paragraph)] as const]
    }),
)

/** Titles that name decisions, of tests and of groups of them. */
const named = listFiles(root, ['test/**/*.test.ts', 'sdk/test/*.test.ts', 'runner/test/*.test.ts']).flatMap(
  (file) =>
    [...read(file).matchAll(/^\s*(?:describe|it)\([\s\S]*?(?:=>|function)/gm)].flatMap(([title]) =>
      [...title.matchAll(/\(decision (\w+)\)/g)].map(([, number = '']) => ({ file, number })),
    ),
)

describe('docs/vm/decisions.md', () => {
  it('has the decisions 1 to 25', () => {
    const numbers = [...decisions.keys()].map((number) => Number.parseInt(number, 10))
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers)).to.include.all.keys(Array.from({ length: 25 }, (_, index) => index + 1))
  })

  it('has a test that names each decision that guards somebody', () => {
    const missing = [...decisions].flatMap(([number, guards]) =>
      guards && !named.some((test) => test.number === number) ? [number] : [],
    )
    expect(missing).to.deep.equal([])
  })

  it('has every decision that a test names', () => {
    expect(named.length).to.be.greaterThan(25)
    expect(named.filter(({ number }) => !decisions.has(number))).to.deep.equal([])
  })
})

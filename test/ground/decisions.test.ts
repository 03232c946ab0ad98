import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { listFiles } from '../../scripts/bootstrap/files.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Of the machine: paragraphs that begin with a number, and whether they name who is guarded. */
const ofMachine = read('docs/vm/decisions.md')
  .split('\n\n')
  .flatMap((paragraph) => {
    const number = /^\*\*(\d+b?)\.\*\* /.exec(paragraph)?.[1]
    return number === undefined ? [] : [[number, /^\*Guards\* \w/m.test(paragraph)] as const]
  })

/** Of disputes: all guard an honest party, but for what says what a part is not. */
const ofDisputes = [...read('docs/design/disputes.md').matchAll(/^(\d+)\. \*\*/gm)].map(
  ([, number = '']) => [number, !['32', '34'].includes(number)] as const,
)

const decisions = new Map([...ofMachine, ...ofDisputes])

/** Titles that name decisions, of tests and of groups of them. */
const named = listFiles(root, ['test/**/*.test.ts', 'sdk/test/*.test.ts', 'runner/test/*.test.ts']).flatMap(
  (file) =>
    [...read(file).matchAll(/^\s*(?:describe|it)\([\s\S]*?(?:=>|function)/gm)].flatMap(([title]) =>
      [...title.matchAll(/\(decision (\w+)\)/g)].map(([, number = '']) => ({ file, number })),
    ),
)

describe('decisions in docs/vm/decisions.md and docs/design/disputes.md', () => {
  it('are there from 1 to 34', () => {
    const numbers = [...decisions.keys()].map((number) => Number.parseInt(number, 10))
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers)).to.include.all.keys(Array.from({ length: 34 }, (_, index) => index + 1))
  })

  it('are named by a test each, where they guard somebody', () => {
    const missing = [...decisions].flatMap(([number, guards]) =>
      guards && !named.some((test) => test.number === number) ? [number] : [],
    )
    expect(missing).to.deep.equal([])
  })

  it('are there where a test names them', () => {
    expect(named.length).to.be.greaterThan(25)
    expect(named.filter(({ number }) => !decisions.has(number))).to.deep.equal([])
  })
})

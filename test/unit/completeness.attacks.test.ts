import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const ATTACKS = new URL('../attacks/', import.meta.url)
const DISPUTES = new URL('../disputes/', import.meta.url)
/** Attacks on a single step stand with the tests of the machine. */
const STEPS = new URL('../vm/', import.meta.url)
const read = (file: string) => {
  const url = [ATTACKS, DISPUTES].map((folder) => new URL(file, folder)).find(existsSync)
  return readFileSync(url ?? new URL(file, STEPS), 'utf8')
}

/** The rows of the page's tables, without their headers. */
const rows = read('README.md')
  .split('\n')
  .filter((line) => /^\| (?!attack|defect)/.test(line))
  .map((line) => line.split(' | '))

describe('test/attacks/README.md', () => {
  const files = [ATTACKS, DISPUTES].flatMap((folder) =>
    readdirSync(folder).filter((file) => file.endsWith('.test.ts')),
  )

  it('has a row for every file of attacks', () => {
    const named = new Set(rows.flatMap((row) => row[2]?.match(/\w+\.test\.ts/g) ?? []))
    expect(files.filter((file) => !named.has(file) && file !== 'peers.test.ts')).to.deep.equal([])
  })

  for (const [attack = '', who = '', tests = '', profit = ''] of rows) {
    it(`names tests that are there, and a profit: ${attack.slice(2)}`, () => {
      expect(Math.min(who.length, profit.length)).to.be.greaterThan(0)
      const cited = [...tests.matchAll(/(?:`(\w+\.test\.ts)`: )?\*([^*]+)\*/g)]
      expect(cited.length).to.be.greaterThan(0)
      for (const [, file = 'peers.test.ts', title = ''] of cited) {
        const text = read(file).replaceAll('\\', '')
        expect(text.includes(title), `${file}: ${title}`).to.equal(true)
      }
    })
  }
})

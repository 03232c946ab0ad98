import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { listFiles } from '../../scripts/bootstrap/files.mjs'
import { exclusions, unmeasured } from '../../scripts/coverage/exclusions.ts'
import { readTriage } from '../../scripts/smt/triage.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const rows = read('docs/security/static-analysis.md').split('\n')
const withAll = (...texts: string[]) => rows.some((row) => texts.every((text) => row.includes(text)))

describe('docs/security/static-analysis.md', () => {
  it('names what coverage leaves out, with its reason', () => {
    for (const { file, code, reason } of exclusions) expect(withAll(file, code, reason), file).to.equal(true)
    for (const { reason } of unmeasured) expect(withAll(reason), reason).to.equal(true)
  })

  it('names the rules of solhint that are off, and where others are excused', () => {
    const { rules } = JSON.parse(read('.solhint.json')) as { rules: Record<string, unknown> }
    const off = Object.keys(rules).filter((rule) => rules[rule] === 'off')
    const excused = listFiles(root, ['contracts/**/*.sol'])
      .filter((file) => !file.startsWith('contracts/mocks/'))
      .flatMap((file) =>
        [...read(file).matchAll(/solhint-disable\S* (.+)/g)].map(([, rule]) => [
          basename(file, '.sol'),
          rule,
        ]),
      )
    expect(off.length * excused.length).to.be.greaterThan(0)
    for (const rule of off) expect(withAll(`\`${rule}\``), rule).to.equal(true)
    for (const [contract = '', rule = ''] of excused) {
      expect(withAll(`\`${contract}.`, `\`${rule}\``), `${contract} ${rule}`).to.equal(true)
    }
  })
})

describe('docs/security/smt.md', () => {
  it('has a row for each contract of proofs, and explains nothing of others', () => {
    const contracts = listFiles(root, ['test/smt/*Proofs.sol']).map((file) => basename(file, '.sol'))
    const page = read('docs/security/smt.md')
    for (const contract of contracts) expect(page).to.include(`\n| \`${contract}\` |`)
    const explained = readTriage(page).map(({ contract }) => contract)
    expect(contracts).to.include.members(explained)
  })
})

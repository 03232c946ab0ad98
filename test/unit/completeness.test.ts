import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { JobMarket__factory } from '../../types/ethers-contracts/index.ts'

const TESTS = new URL('../', import.meta.url)

/** The text of every test of the contracts but this one. */
function readTests(): string {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('completeness.test.ts'))
    .filter((file) => file.startsWith('unit') || file.startsWith('promises') || file.startsWith('attacks'))
    .map((file) => readFileSync(new URL(file.replaceAll('\\', '/'), TESTS), 'utf8'))
    .join('\n')
}

describe('The tests of the market', () => {
  const text = readTests()
  const named = (type: string) =>
    JobMarket__factory.abi
      .filter((item) => item.type === type)
      .map((item) => ('name' in item ? item.name : ''))

  /** Errors that a shared assertion checks by their values. */
  const BY_HELPER: Record<string, RegExp> = {
    ValueOutOfRange: /expectOutOfRange\(/,
    JobMarketWrongStatus: /itRefusesEveryStatusBut\(/,
    ReentrancyGuardReentrantCall: /to\.equal\('ReentrancyGuardReentrantCall'\)/,
  }

  /** EIP-712's own, for a name or a version that is longer than a word or changes: the market's does neither. */
  const UNREACHABLE = ['InvalidShortString', 'StringTooLong', 'EIP712DomainChanged']
  const reachable = (type: string) => named(type).filter((name) => !UNREACHABLE.includes(name))

  for (const error of reachable('error')) {
    // JM-55
    it(`assert the error ${error}`, () => {
      const asserted =
        BY_HELPER[error] ?? new RegExp(`(expectRevert|revertedWithCustomError)\\([^;]*'${error}'`)
      expect(asserted.test(text)).to.equal(true)
    })
  }

  for (const event of reachable('event')) {
    it(`assert the event ${event} with its arguments`, () => {
      const asserted = new RegExp(`emit\\([^;]*'${event}'\\)\\s*\\.withArgs\\(`)
      expect(asserted.test(text)).to.equal(true)
    })
  }

  for (const name of named('function')) {
    it(`call ${name}`, () => {
      expect(text.includes(`.${name}(`)).to.equal(true)
    })
  }
})

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { closingLine, judge, total } from '../../scripts/testing/counts.ts'
import { runSuite } from '../../scripts/testing/runSuite.ts'
import { suites } from '../../scripts/testing/suites.ts'
import { type Checkout, createCheckout } from './checkout.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const counts = { passed: 3, failed: 0, skipped: 1, failures: [] }
const ending = { code: 0, signal: null, timedOut: false }

describe('npm test: counts', () => {
  describe('when a suite is judged', () => {
    it('takes what the runner counted', () => {
      expect(judge(counts, ending)).to.deep.equal(counts)
      const failing = { ...counts, failed: 2, failures: ['a', 'b'] }
      expect(judge(failing, { ...ending, code: 2 })).to.deep.equal(failing)
    })

    it('adds a failure for what the tests do not tell', () => {
      expect(judge(undefined, ending).failures).to.deep.equal([
        'the test runner did not reach its end (exit code 0)',
      ])
      expect(judge(undefined, { ...ending, code: null, signal: 'SIGKILL' }).failures[0]).to.include('SIGKILL')
      expect(judge(counts, { ...ending, code: 7 })).to.deep.include({ passed: 3, failed: 1 })
      expect(judge(counts, { ...ending, timedOut: true }).failed).to.equal(1)
      expect(judge({ ...counts, passed: 0, skipped: 0 }, ending).failures).to.deep.equal([
        'the test runner found no test',
      ])
    })
  })

  describe('when suites are summed up', () => {
    it('adds every count and names the skipped only if there are any', () => {
      const all = total([counts, { passed: 1, failed: 1, skipped: 0, failures: ['x'] }])
      expect(all).to.deep.equal({ passed: 4, failed: 1, skipped: 1, failures: ['x'] })
      expect(closingLine(all)).to.equal('4 passed, 1 failed, 1 skipped')
      expect(closingLine({ ...all, skipped: 0 })).to.equal('4 passed, 1 failed')
    })
  })

  describe('when mocha runs a suite', () => {
    let checkout: Checkout

    beforeEach(() => {
      checkout = createCheckout()
    })

    afterEach(() => checkout.remove('.'))

    async function countsOf(text: string, minutes = 1) {
      checkout.write('it.test.mjs', text)
      const { command } = suites.find(({ name }) => name === 'sdk') ?? { command: [] }
      // The command names its tools relative to this repository; the tests are elsewhere.
      return runSuite(
        root,
        { name: 'it', files: [], command: [...command, `${checkout.root}/it.test.mjs`], minutes },
        'ignore',
      )
    }

    it('counts what passed, failed and was skipped', async () => {
      const text =
        "it('a', () => {}); it('b', () => { throw new Error('no') }); it.skip('c', () => {}); it('d', () => {})"
      expect(await countsOf(text)).to.deep.equal({ passed: 2, failed: 1, skipped: 1, failures: ['b'] })
    })

    it('fails for a hook that throws', async () => {
      expect((await countsOf("before(() => { throw new Error('no') }); it('a', () => {})")).failed).to.equal(
        1,
      )
    })

    it('fails for a file that cannot be loaded', async () => {
      expect((await countsOf("import './absent.mjs'")).failures[0]).to.include('did not reach its end')
    })

    it('fails for a process that ends in the middle, even with exit code 0', async () => {
      const result = await countsOf("it('a', () => {}); it('b', () => process.exit(0)); it('c', () => {})")
      expect(result.failures).to.deep.equal(['the test runner did not reach its end (exit code 0)'])
    })

    it('fails for a runner that hangs', async () => {
      const result = await countsOf("it('a', () => {}); setInterval(() => {}, 1000)", 1 / 30)
      expect(result).to.deep.equal({
        passed: 1,
        failed: 1,
        skipped: 0,
        failures: ['the test runner did not end in time'],
      })
    })

    it('fails for a file without a test', async () => {
      expect((await countsOf('')).failed).to.equal(1)
    })

    it('refuses a forgotten `only`', async () => {
      expect((await countsOf("it.only('a', () => {}); it('b', () => {})")).failed).to.be.greaterThan(0)
    })
  })
})

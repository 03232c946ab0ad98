import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Episode, Episodes } from '../../scripts/fuzz/episodes.ts'
import { readOptions } from '../../scripts/fuzz/options.ts'
import { Tally } from '../model/tally.ts'
import { type Checkout, createCheckout } from './checkout.ts'
import { root } from './mutation/project.ts'

describe('npm run fuzz:deep: command line', () => {
  it('asks for a million actions where it says nothing', () => {
    const { jobs, ...others } = readOptions([])
    expect(others).to.deep.equal({ actions: 1_000_000, show: false })
    expect(jobs).to.be.within(1, 4)
  })

  it('says how many actions, how many at once, which seed', () => {
    const args = ['--actions', '20000', '--jobs', '3', '--seed', '0', '--show']
    expect(readOptions(args)).to.deep.equal({ actions: 20_000, jobs: 3, seed: 0, show: true })
  })

  for (const args of [
    ...[
      ['--actions', '0'],
      ['--actions', '1e6'],
      ['--actions', ''],
      ['--actions', '-5'],
    ],
    ...[['--jobs', '0'], ['--jobs', '1.5'], ['--seed', '-1'], ['--seed', '4294967296'], ['--seed']],
    ...[['--action', '5'], ['5'], ['--show', '5']],
  ]) {
    it(`refuses ${args.join(' ')}`, () => {
      expect(() => readOptions(args)).to.throw()
    })
  }

  it('exits with 2 for what it does not understand, and says what it would', () => {
    const args = ['--conditions=assay-source', 'scripts/fuzz.ts', '--actions', 'many']
    const { status, stdout, stderr } = spawnSync('node', args, { cwd: root, encoding: 'utf8' })
    expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' })
    expect(stderr).to.match(/^Usage: npm run fuzz:deep .*\n--actions many is no whole number from 1\.$/m)
  })
})

describe('npm run fuzz:deep: what is known', () => {
  let checkout: Checkout

  const episodes = () => new Episodes(checkout.root, join(checkout.root, 'cache'))

  /** A market in which `call` succeeded so often. */
  function episode(seed: number, call: string, times: number): Episode {
    const tally = new Tally()
    const counts = { ...tally.toJSON(), actions: times + 1, succeeded: times, done: { [call]: times } }
    return { seed, seconds: 1, counts }
  }

  beforeEach(() => {
    checkout = createCheckout({
      'contracts/Market.sol': 'contract Market {}',
      'contracts/Market.t.sol': 'contract MarketTest {}',
      'test/model/market.ts': 'export {}',
      'test/model/lockstep.test.ts': 'export {}',
    })
  })

  afterEach(() => checkout.remove('.'))

  it('is there in the next run, and adds up', () => {
    episodes().add(episode(1, 'post', 5))
    episodes().add(episode(2, 'post', 2))
    episodes().add(episode(3, 'claim', 3))
    const { size, totals } = episodes()
    expect(size).to.equal(3)
    expect([totals.actions, totals.succeeded]).to.deep.equal([13, 10])
    expect(totals.toJSON().done).to.deep.equal({ post: 7, claim: 3 })
  })

  it('counts a seed once', () => {
    episodes().add(episode(1, 'post', 5))
    episodes().add(episode(1, 'post', 5))
    expect(episodes().totals.actions).to.equal(6)
  })

  it('survives a run that was stopped in the middle of a line', () => {
    const { file } = episodes()
    episodes().add(episode(1, 'post', 5))
    appendFileSync(file, readFileSync(file, 'utf8').slice(0, 30))
    episodes().add(episode(2, 'claim', 1))
    expect(episodes().totals.toJSON().done).to.deep.equal({ post: 5, claim: 1 })
  })

  for (const path of ['contracts/Market.sol', 'test/model/market.ts']) {
    it(`is forgotten when ${path} changes`, () => {
      episodes().add(episode(1, 'post', 5))
      appendFileSync(join(checkout.root, path), '\n')
      expect(episodes().size).to.equal(0)
    })
  }

  for (const path of ['contracts/Market.t.sol', 'test/model/lockstep.test.ts']) {
    it(`stays when ${path} changes`, () => {
      episodes().add(episode(1, 'post', 5))
      appendFileSync(join(checkout.root, path), '\n')
      expect(episodes().size).to.equal(1)
    })
  }
})

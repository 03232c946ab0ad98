import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Callers } from '../../../scripts/mutation/callers.ts'
import { MutationError } from '../../../scripts/mutation/errors.ts'
import { explanationOf, readExplained, staleEntries } from '../../../scripts/mutation/explained.ts'
import { generateMutants } from '../../../scripts/mutation/mutants.ts'
import { planTests } from '../../../scripts/mutation/plan.ts'
import { MONEY } from '../../../scripts/mutation/project.ts'
import { score, table } from '../../../scripts/mutation/report.ts'
import {
  type Evidence,
  evidenceOf,
  type Outcome,
  type Result,
  Results,
} from '../../../scripts/mutation/results.ts'
import { chooseFiles, chooseUnits, sample } from '../../../scripts/mutation/sample.ts'
import { type Checkout, createCheckout } from '../checkout.ts'
import { functionOf, mutantsOf, readProject, root } from './project.ts'

const BODY = 'require(a > 0); s = a + b; r = s * 2;'

describe('npm run mutate: which mutants', () => {
  const mutants = mutantsOf(functionOf(BODY))

  it('are drawn by the seed alone', () => {
    expect(sample(mutants, 1, 5)).to.deep.equal(sample([...mutants].reverse(), 1, 5))
    expect(sample(mutants, 1, 5)).not.to.deep.equal(sample(mutants, 2, 5))
  })

  it('stay when more are drawn', () => {
    expect(sample(mutants, 7, 9).slice(0, 4)).to.deep.equal(sample(mutants, 7, 4))
    expect(sample(mutants, 7, Infinity)).to.have.members(mutants)
  })

  it('keep their keys until their file changes', () => {
    const keys = (code: string) => mutantsOf(code).map(({ key }) => key)
    expect(keys(functionOf(BODY))).to.deep.equal(keys(functionOf(BODY)))
    expect(keys(functionOf(`${BODY} `))).not.to.include.members(keys(functionOf(BODY)))
  })

  it('are those of the functions asked for', () => {
    const code = `contract A { uint256 constant C = 1; function f() external {} function g(uint256 x) external pure returns (uint256) { return x + 1; } }`
    const names = (only: string[]) => new Set(chooseUnits(mutantsOf(code), only).map(({ unit }) => unit))
    expect([...names([])]).to.deep.equal(['C', 'g'])
    expect([...names(['g'])]).to.deep.equal(['g'])
  })

  it('are of the money paths where nothing is asked for', () => {
    const files = chooseFiles(root, MONEY)
    expect(files).to.include.members(['contracts/JobMarket.sol', 'contracts/types/Account.sol'])
    expect(files.filter((file) => /mocks|interfaces|token\/|Tree/.test(file))).to.deep.equal([])
    expect(chooseFiles(root, ['Ledger.sol'])).to.deep.equal(['contracts/Ledger.sol'])
  })
})

describe('npm run mutate: order of the tests', () => {
  const project = readProject({
    'contracts/libraries/Bonds.sol':
      'library Bonds { function bondFor(uint256 x) internal pure returns (uint256) { return x + 1; } }',
    'contracts/Market.sol': `import { Bonds } from "./libraries/Bonds.sol";
      contract Market {
        function claim(uint256 x) external pure returns (uint256) { return quote(x); }
        function post() external pure {}
        function quote(uint256 x) private pure returns (uint256) { return Bonds.bondFor(x); }
      }`,
    'contracts/mocks/Opener.sol': `import { Bonds } from "../libraries/Bonds.sol";
      contract Opener { function open(uint256 x) external pure returns (uint256) { return Bonds.bondFor(x); } }`,
  })
  const [mutant] = generateMutants(project, ['contracts/libraries/Bonds.sol'])
  const reached = new Callers(project).reach(mutant!.declaration)
  const test = (path: string, seconds = 1, text = '') => ({ path, seconds, text })
  const tests = [
    test('test/attacks/quick.test.ts', 0.1),
    test('test/attacks/slow.test.ts', 9),
    test('test/model/lockstep.test.ts', 5),
    test('test/unit/Market/claim.test.ts'),
    test('test/unit/Market/post.test.ts', 3),
    test('test/unit/libraries/Bonds.test.ts'),
    test('test/unit/opened.test.ts', 1, "deployContract('Opener')"),
  ]
  const order = (kills = new Map<string, number>()) =>
    planTests(reached, tests, kills).map(({ path }) => path)

  it('begins with those of the function and its callers, then asks the model, then the others', () => {
    expect(order()).to.deep.equal([
      'test/unit/libraries/Bonds.test.ts',
      'test/unit/opened.test.ts',
      'test/unit/Market/claim.test.ts',
      'test/model/lockstep.test.ts',
      'test/attacks/quick.test.ts',
      'test/unit/Market/post.test.ts',
      'test/attacks/slow.test.ts',
    ])
  })

  it('takes first, of the others, what has killed before', () => {
    expect(order(new Map([['test/attacks/slow.test.ts', 2]]))[4]).to.equal('test/attacks/slow.test.ts')
  })

  it('leaves out no test', () => {
    expect(order()).to.have.members(tests.map(({ path }) => path))
  })

  it('knows which contracts have to be compiled', () => {
    const names = (file: string) => project.contractsWith(file).map(({ name }) => name)
    expect(names('contracts/libraries/Bonds.sol')).to.have.members(['Market', 'Opener'])
    expect(names('contracts/Market.sol')).to.deep.equal(['Market'])
  })
})

describe('npm run mutate: results', () => {
  const evidence: Evidence = {
    contracts: 'c1',
    everything: 'e1',
    tests: new Map([
      ['a.test.ts', 'a1'],
      ['b.test.ts', 'b1'],
    ]),
  }
  const mutants = mutantsOf(functionOf(BODY))
  const resultOf = (index: number, outcome: Omit<Outcome, 'seconds'>): Result => ({
    ...{ key: mutants[index]!.key, seconds: 1, ...outcome },
    evidence: evidenceOf({ seconds: 1, ...outcome }, evidence),
    mutant: mutants[index]!,
  })
  const killed = resultOf(0, { status: 'killed', by: { file: 'a.test.ts', title: 't', message: 'm' } })
  const survived = resultOf(1, { status: 'survived' })
  const invalid = resultOf(2, { status: 'invalid' })
  let checkout: Checkout
  let file: string

  beforeEach(() => {
    checkout = createCheckout()
    file = join(checkout.root, 'cache', 'results.jsonl')
  })

  afterEach(() => checkout.remove('.'))

  const statuses = (now: Evidence) =>
    [killed, survived, invalid].map(({ key }) => new Results(file).find(key, now)?.status)

  function addAll() {
    const results = new Results(file)
    for (const result of [killed, survived, invalid]) results.add(result)
  }

  it('are there in the next run', () => {
    addAll()
    expect(statuses(evidence)).to.deep.equal(['killed', 'survived', 'invalid'])
  })

  it('count until what they rest on changes', () => {
    addAll()
    expect(statuses({ ...evidence, everything: 'e2' })).to.deep.equal(['killed', undefined, 'invalid'])
    const tests = new Map([['a.test.ts', 'a2']])
    expect(statuses({ ...evidence, tests })).to.deep.equal([undefined, 'survived', 'invalid'])
    expect(statuses({ ...evidence, contracts: 'c2' })).to.deep.equal(['killed', 'survived', undefined])
    expect(statuses({ ...evidence, tests: new Map() })[0]).to.equal(undefined)
  })

  it('survive a run that was stopped in the middle of a line', () => {
    new Results(file).add(killed)
    appendFileSync(file, JSON.stringify(survived).slice(0, 40))
    new Results(file).add(invalid)
    expect(statuses(evidence)).to.deep.equal(['killed', undefined, 'invalid'])
  })

  it('are replaced by later ones', () => {
    addAll()
    new Results(file).add({ ...survived, status: 'timeout' })
    expect(statuses(evidence)[1]).to.equal('timeout')
  })

  it('tell which test killed how many of a file', () => {
    addAll()
    expect([...new Results(file).killsIn('contracts/A.sol')]).to.deep.equal([['a.test.ts', 1]])
    expect([...new Results(file).killsIn('contracts/B.sol')]).to.deep.equal([])
  })

  it('are shown as a table and a score', () => {
    const all = [killed, survived, invalid, resultOf(3, { status: 'timeout' })]
    const rows = table('file', all, ({ mutant }) => mutant.file).split('\n')
    expect(rows.map((row) => row.split(/ {2,}/))).to.deep.equal([
      ['file', 'killed', 'survived', 'timed out', 'not compiled', 'same code'],
      ['contracts/A.sol', '1', '1', '1', '1', '0'],
      ['all', '1', '1', '1', '1', '0'],
    ])
    expect(score(all)).to.equal('2 of 3 noticed (66.7 %)')
    expect(score([])).to.equal('none tried')
  })
})

describe('npm run mutate: explained survivors', () => {
  const [first, second] = mutantsOf(functionOf(BODY))
  const { file, unit, operator, before, after } = first!
  const entry = { file, unit, operator, before, after, reason: 'because' }

  it('are known wherever the line moved to', () => {
    const moved = mutantsOf(`\n\n${functionOf(BODY)}`)[0]!
    expect(moved.line).not.to.equal(first!.line)
    expect(explanationOf(moved, [entry])).to.equal(entry)
    expect(explanationOf(second!, [entry])).to.equal(undefined)
  })

  it('are stale when no mutant answers to them', () => {
    expect(staleEntries([first!, second!], [entry])).to.deep.equal([])
    expect(staleEntries([second!], [entry])).to.deep.equal([entry])
  })

  it('need a reason', () => {
    const checkout = createCheckout({ 'list.json': JSON.stringify([{ ...entry, reason: '' }]) })
    expect(() => readExplained(join(checkout.root, 'list.json'))).to.throw(MutationError)
    checkout.remove('.')
    expect(readExplained(join(root, 'test/mutation/explained.json'))).to.be.an('array')
  })
})

describe('npm run mutate: command line', () => {
  const run = (...args: string[]) =>
    spawnSync('node', ['--conditions=assay-source', 'scripts/mutate.ts', ...args], {
      cwd: root,
      encoding: 'utf8',
    })

  it('shows what it would try, and the seed', () => {
    const { status, stdout, stderr } = run('--list', '--only', 'cancel', '--count', '2', '--seed', '5')
    expect(stderr).to.match(/^2 of \d+ mutants, drawn with --seed 5$/m)
    expect(stdout.match(/^contracts\/\S+:\d+ cancel, .*\n {2}- .*\n {2}\+ .*$/gm)).to.have.length(2)
    expect(status).to.equal(0)
  })

  it('refuses what it does not understand', () => {
    expect(run('--count', '0').status).to.equal(2)
    expect(run('--sed', '1').status).to.equal(2)
    expect(run('--list', '--only', 'nothing').status).to.equal(1)
  })
})

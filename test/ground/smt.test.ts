import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { asBitVectors } from '../../scripts/smt/bitVectors.ts'
import { asIntegers } from '../../scripts/smt/integers.ts'
import { type Obligation, ProofSourceError, prove, REACHED, type Verdict } from '../../scripts/smt/prove.ts'
import { compareTriage, readTriage } from '../../scripts/smt/triage.ts'
import { findZ3, solve } from '../../scripts/smt/z3.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Some of what it claims is wrong. */
const MIXED = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import { Bonding } from "../../contracts/libraries/Bonding.sol";
import { Posting } from "../../contracts/types/Posting.sol";

contract MixedProofs {
    function aPenaltyIsAtMostTheBond(uint80 price, uint80 bond) external pure {
        assert(Bonding.releasePenalty(price, bond) <= bond);
    }
    function aPenaltyIsLessThanTheBond(uint80 price, uint80 bond) external pure {
        assert(Bonding.releasePenalty(price, bond) < bond);
    }
    function aPauseLosesTheGuardian(Posting p) external pure {
        assert(p.withPaused(true).guardian() != p.guardian());
    }
    function aSumFits(uint256 left, uint256 right) external pure returns (uint256) {
        return left + right;
    }
    function nothingComesHere(uint256 a) external pure {
        require(a < 10 && a > 10);
        assert(a == 11);
    }
}
`
const FILE = 'test/smt/MixedProofs.sol'

describe('proofs by the model checker', () => {
  let found: Obligation[] = []
  const verdictOf = (kind: string, code: RegExp): Verdict | undefined =>
    found.find((one) => one.kind === kind && code.test(one.code))?.verdict

  before(function () {
    this.timeout(300_000)
    if (findZ3() === undefined) {
      console.log('    skipped: there is no z3 on the path (apt-get install z3)')
      this.skip()
    }
    found = prove(root, FILE, (query) => solve(query, 10), MIXED).obligations
  })

  it('prove what holds', () => {
    expect(verdictOf('Assertion violation', /penalty.*<= bond/i)).to.equal('proven')
    expect(verdictOf('Overflow', /price \* 2/)).to.equal('proven')
    expect(verdictOf(REACHED, /aPenaltyIsAtMostTheBond/)).to.equal('proven')
  })

  it('refute what does not, with an example', () => {
    expect(verdictOf('Assertion violation', /penalty.*< bond/i)).to.equal('refuted')
    expect(verdictOf('Assertion violation', /guardian\(\) !=/)).to.equal('refuted')
    expect(verdictOf('Overflow', /^left \+ right$/)).to.equal('refuted')
    const overflow = found.find(({ code }) => code === 'left + right')
    expect(overflow).to.deep.include({ contract: 'MixedProofs', file: FILE, line: 17 })
    expect(overflow?.example).to.match(/left = .+, right = /)
  })

  it('tell of an assertion that holds only because no call comes to it', () => {
    expect(verdictOf('Assertion violation', /a == 11/)).to.equal('proven')
    expect(verdictOf(REACHED, /nothingComesHere/)).to.equal('refuted')
  })

  it('are undecided where the solver gives up', () => {
    const { obligations } = prove(root, FILE, () => 'unknown\n', MIXED)
    expect(obligations.length).to.equal(found.length)
    expect(new Set(obligations.map(({ verdict }) => verdict))).to.deep.equal(new Set(['undecided']))
  }).timeout(300_000)
})

describe('what the solver is asked', () => {
  const low = '(bv2nat (bvand (ite (>= a 0) ((_ int2bv 256) a) (bvneg ((_ int2bv 256) (- a)))) '
  const query = `(set-logic ALL)
(declare-fun a () Int)
(assert (= ${low}(ite (>= b 0) ((_ int2bv 256) b) (bvneg ((_ int2bv 256) (- b)))))) (+ a 15)))
`

  it('can be said with integers alone', () => {
    expect(asIntegers(query)).to.include('(assert (= (mask256 a b) (+ a 15)))')
    expect(asIntegers('(assert (< a 1))')).to.equal('(assert (< a 1))')
  })

  it('can be said with bit vectors that no operation overflows', () => {
    const wide = asBitVectors(query)
    expect(wide).to.include('(declare-fun a () (_ BitVec 258))')
    expect(wide).to.include('((_ zero_extend 2) (bvand ')
    expect(wide).to.include('(bvadd a (_ bv15 258))')
    expect(asBitVectors('(assert (= (* a a) 9))')).to.include('(_ bv9 513)')
    expect(asBitVectors('(assert (= (div a b) 9))')).to.equal(undefined)
  })
})

describe('what is known of things not proven', () => {
  const row = { contract: 'AProofs', file: 'a.sol', kind: 'Overflow', code: 'a + b' }
  const page =
    '| contract | file | kind | code | why |\n|---|---|---|---|---|\n| `AProofs` | `a.sol` | Overflow | `a + b` | So. |'
  const one = (verdict: Verdict): Obligation => ({ ...row, line: 1, verdict, seconds: 0 })
  const compare = (...found: Obligation[]) => compareTriage(found, readTriage(page))

  it('explains what is undecided', () => {
    expect(readTriage(page)).to.deep.equal([{ ...row, why: 'So.' }])
    expect(compare(one('undecided'))).to.deep.equal({ unexplained: [], stale: [] })
    expect(compare(one('proven'))).to.deep.equal({ unexplained: [], stale: [] })
  })

  it('does not explain anything else', () => {
    const other = { ...one('undecided'), code: 'a + c' }
    expect(compare(one('undecided'), other).unexplained).to.deep.equal([other])
  })

  it('is stale where nothing of that name is left, in the contracts that were looked at', () => {
    expect(compare({ ...one('proven'), code: 'a + c' }).stale.length).to.equal(1)
    expect(compare({ ...one('proven'), contract: 'BProofs' }).stale).to.deep.equal([])
  })
})

describe('npm run smt', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/smt.ts', ...args], {
      cwd: root,
      env: { ...process.env, PATH: '/nowhere' },
      encoding: 'utf8',
    })

  it('says what to install where there is no z3, and fails', () => {
    const { status, stderr } = run()
    expect(status).to.equal(1)
    expect(stderr).to.include('apt-get install z3')
  })
})

it('a harness that does not compile is told from one that is wrong', () => {
  expect(() => prove(root, FILE, () => 'unknown\n', MIXED.replace('uint80 price', 'uint81 price'))).to.throw(
    ProofSourceError,
    /uint81/,
  )
}).timeout(120_000)

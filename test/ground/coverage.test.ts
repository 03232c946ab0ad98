import { expect } from 'chai'
import { branchesOf, type Point } from '../../scripts/coverage/points.ts'
import { assess, isComplete, render } from '../../scripts/coverage/report.ts'
import { measure, type Sample } from './support/instrumented.ts'

/** What the calls of `use` do not reach, as `line kind outcome: code`; lines count from that of the contract. */
async function missedBy(contract: string, use: (sample: Sample) => Promise<unknown>): Promise<string[]> {
  const measured = await measure(`pragma solidity 0.8.37;\n${contract}`, use)
  return assess(measured, []).missed.map(
    ({ line, kind, outcome = '', code }) => `${line - 1} ${kind} ${outcome}: ${code}`,
  )
}

describe('npm run coverage', () => {
  describe('of functions and statements', () => {
    it('names those that no transaction came to', async () => {
      const contract = `contract Sample {
        uint256 x;
        function f(uint256 a) external {
          if (a == 0) return; // «ü»
          unchecked { x += a; }
        }
        function g() external { x = 1; }
      }`
      expect(await missedBy(contract, ({ call }) => call('f', 0n))).to.deep.equal([
        '4 branch false: a == 0',
        '5 statement : x += a',
        '7 function : g',
        '7 statement : x = 1',
      ])
    })

    it('counts what reverts as reached, up to where it reverts', async () => {
      const contract = `contract Sample {
        function f() external pure {
          _fail();
          _fail();
        }
        function _fail() private pure { revert(); }
      }`
      const missed = await missedBy(contract, async ({ call }) => expect(await call('f')).to.equal(false))
      expect(missed).to.deep.equal(['4 statement : _fail()'])
    })

    it('changes nothing about bodies without braces, however they are nested', async () => {
      const contract = `contract Sample {
        uint256 x;
        function f(uint256 a) external {
          if (a > 9) x = 1; /* ; */
          else if (a > 5)
            for (uint256 i = 0; i < a; ++i) if (i == 6) x += i // no end yet
              ;
            else x += 10;
          else while (x < 3) do x++; while (x < 2);
          require(x == a);
        }
      }`
      const missed = await missedBy(contract, async ({ call }) => {
        expect(await call('f', 3n)).to.equal(true)
        expect(await call('f', 7n)).to.equal(false)
      })
      expect(missed).to.deep.equal(['4 branch true: a > 9', '4 statement : x = 1'])
    })
  })

  describe('of branches', () => {
    it('looks at each operand of && and ||, in decisions and anywhere else', async () => {
      const contract = `contract Sample {
        bool x;
        function f(uint256 a) external {
          x = a == 1 && !(a == 2);
          if ((a == 3 || x) && true) x = (a == 1 ? a == 1 : a == 4) || x;
        }
      }`
      expect(await missedBy(contract, ({ call }) => call('f', 1n))).to.deep.equal([
        '4 branch false: a == 1',
        '4 branch true: a == 2',
        '5 branch true: a == 3',
        '5 branch false: x',
        '5 branch false: a == 1 ? a == 1 : a == 4',
        '5 branch false: a == 1',
        '5 branch true: x',
        '5 branch false: x',
      ])
    })

    it('wants each require to hold and to fail, and each assert to hold', async () => {
      const contract = `error Odd(uint256 a, bool b);
        function odd(uint256 a) pure { require(a % 2 == 0, Odd(a, a > 1 || a == 0)); }
        contract Sample {
          function f(uint256 a) external pure {
            assert(a < 9);
            require(a < 8, "high");
            odd(a);
          }
        }`
      const missed = await missedBy(contract, ({ call }) => call('f', 2n))
      expect(missed).to.deep.equal([
        '2 branch false: a % 2 == 0',
        '2 branch false: a > 1',
        '2 branch true: a == 0',
        '2 branch false: a == 0',
        '6 branch false: a < 8',
      ])
    })

    it('wants every clause of a try', async () => {
      const contract = `contract Sample {
        function g(uint256 a) external pure returns (uint256) {
          require(a != 0, "zero");
          return 1 / (a - 1);
        }
        function f(uint256 a) external view returns (uint256) {
          try this.g(a) returns (uint256 b) { return b; } catch Error(string memory) {} catch {}
          return 0;
        }
      }`
      expect(await missedBy(contract, ({ call }) => call('f', 1n))).to.deep.equal([
        '3 branch false: a != 0',
        '7 branch success: returns (uint256 b) { return b; }',
        '7 statement : return b',
        '7 branch catch Error: catch Error(string memory) {}',
      ])
    })

    it('wants every modifier to let a call pass and to refuse one', async () => {
      const contract = `contract Sample {
        bool busy;
        modifier even(uint256 a) { require(a % 2 == 0); _; }
        modifier guarded() { require(!busy); busy = true; _; busy = false; }
        function f(uint256 a) external even(a) guarded returns (uint256) { if (a == 8) this.f(a); return a; }
        function g(uint256 a) external pure even(a) {}
      }`
      const use = async ({ call }: Sample) => {
        expect(await call('f', 2n)).to.equal(true)
        expect(await call('f', 3n)).to.equal(false)
        expect(await call('g', 3n)).to.equal(false)
      }
      const missed = [
        '4 branch true: busy',
        '5 branch refused: guarded',
        '5 branch true: a == 8',
        '5 statement : this.f(a)',
      ]
      const never = ['6 function : g', '6 branch passed: even(a)']
      expect(await missedBy(contract, use)).to.deep.equal([...missed, ...never])
      const enterAgain = async (sample: Sample) => {
        await use(sample)
        expect(await sample.call('f', 8n)).to.equal(false)
        expect(await sample.call('g', 8n)).to.equal(true)
      }
      expect(await missedBy(contract, enterAgain)).to.deep.equal([])
    })

    it('never takes a branch in assembly for reached', async () => {
      const contract = `contract Sample {
        function f(uint256 a) external pure returns (uint256 b) {
          assembly { if a { b := 1 } for { } lt(b, 3) { } { b := add(b, 1) } switch a case 0 { b := 1 } }
        }
      }`
      expect(await missedBy(contract, ({ call }) => call('f', 2n))).to.deep.equal([
        '3 branch assembly: a',
        '3 branch assembly: lt(b, 3)',
        '3 branch assembly: a',
      ])
    })
  })

  it('leaves the data that a call returned where assembly reads it', async () => {
    const contract = `contract Sample {
      function g() external pure returns (uint256) { return 7; }
      function f() external view {
        (bool done, ) = address(this).staticcall(abi.encodeCall(this.g, ()));
        uint256 size;
        uint256 word;
        assembly { size := returndatasize() returndatacopy(0, 0, size) word := mload(0) }
        require(done && size == 32 && word == 7);
      }
    }`
    await missedBy(contract, async ({ call }) => expect(await call('f')).to.equal(true))
  })

  describe('gates', () => {
    const gate = { first: 10, passed: 20, refused: 21 }
    const taken = (...hits: number[]) => branchesOf([gate], new Set(hits))

    it('were passed or refused, or both when calls were nested', () => {
      expect(taken()).to.deep.equal([])
      expect(taken(10)).to.deep.equal([21])
      expect(taken(10, 12)).to.deep.equal([20])
      expect(taken(10, 12, 11)).to.deep.equal([20, 21])
      expect(taken(10, 12, 11, 13)).to.deep.equal([20])
    })
  })

  describe('report', () => {
    const point = (id: number, rest: Partial<Point> = {}): Point => ({
      ...{ id, kind: 'statement', file: 'contracts/A.sol', line: 10 + id, code: `x = ${id}` },
      ...rest,
    })
    const branches = [
      point(3, { kind: 'branch', code: 'a && b', outcome: 'true' }),
      point(4, { kind: 'branch', code: 'a && b', outcome: 'false' }),
    ]
    const points = [point(1), point(2), ...branches, point(5, { file: 'contracts/B.sol' })]
    const exclude = (rest: object) => ({ file: 'contracts/A.sol', code: 'a && b', reason: 'Why.', ...rest })

    it('counts by file, rounds down, and is complete only when nothing is missed', () => {
      const coverage = assess({ points, reached: [1, 3, 4, 5] }, [])
      expect(isComplete(coverage)).to.equal(false)
      expect(render(coverage)).to.equal(
        [
          '                     statements        branches       functions',
          'contracts/A.sol       1/2  50 %       2/2 100 %               –',
          'contracts/B.sol       1/1 100 %               –               –',
          'all                   2/3  66 %       2/2 100 %               –',
          '',
          'Not reached:',
          '  contracts/A.sol:12 statement: x = 2',
        ].join('\n'),
      )
      expect(isComplete(assess({ points, reached: [1, 2, 3, 4, 5] }, []))).to.equal(true)
      expect(isComplete(assess({ points: [], reached: [] }, []))).to.equal(false)
    })

    it('takes away what is excluded by its text, for all outcomes or one, and shows the reason', () => {
      const measured = { points, reached: [1, 2, 5] }
      const both = assess(measured, [exclude({})])
      expect(isComplete(both)).to.equal(true)
      expect(both.files[0]?.branch).to.deep.equal({ reached: 0, total: 0 })
      const one = assess(measured, [exclude({ outcome: 'false' })])
      expect(one.missed.map(({ id }) => id)).to.deep.equal([3])
      expect(render(one)).to.match(
        /Not reached:\n {2}contracts\/A\.sol:13 branch true: a && b\n\nExcluded:\n {2}contracts\/A\.sol:14 branch false: a && b\n {4}Why\.$/,
      )
    })

    it('fails an exclusion of what was reached after all, or of what is not there', () => {
      const gone = [exclude({}), exclude({ file: 'contracts/C.sol' }), exclude({ outcome: 'passed' })]
      const coverage = assess({ points, reached: [1, 2, 3, 4, 5] }, gone)
      expect(coverage.stale).to.deep.equal(gone)
      expect(isComplete(coverage)).to.equal(false)
      expect(render(coverage)).to.match(
        /Exclusions that name nothing:\n.* a && b\n.*C\.sol · a && b\n.* a && b · passed$/,
      )
    })
  })
})

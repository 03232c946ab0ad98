import { expect } from 'chai'
import { compile, profiles } from '../../../scripts/mutation/compiler.ts'
import { generateMutants, type operators } from '../../../scripts/mutation/mutants.ts'
import { functionOf, mutantsOf, readProject } from './project.ts'

/** What an operator makes of the body of a function, line by line. */
function changes(operator: keyof typeof operators, body: string): string[] {
  return mutantsOf(functionOf(body))
    .filter((mutant) => mutant.operator === operator)
    .map(({ after }) => after)
}

describe('npm run mutate: operators', () => {
  describe('arithmetic', () => {
    it('swaps each operator for its counterpart', () => {
      expect(changes('arithmetic', 'r = a + b;')).to.deep.equal(['r = a - b;'])
      expect(changes('arithmetic', 'r = a / b;')).to.deep.equal(['r = a * b;'])
      expect(changes('arithmetic', 'r = a << b;')).to.deep.equal(['r = a >> b;'])
      expect(changes('arithmetic', 's -= a;')).to.deep.equal(['s += a;'])
    })

    it('keeps together what the other operator would not', () => {
      expect(changes('arithmetic', 'r = a & b | s;')).to.have.members([
        'r = ((a & b) & s);',
        'r = (a | b) | s;',
      ])
    })
  })

  describe('comparison and boundary', () => {
    it('turn a comparison around, and move it by one', () => {
      expect(changes('comparison', 'if (a < b) r = 1;')).to.deep.equal(['if (a >= b) r = 1;'])
      expect(changes('comparison', 'if (a == b) r = 1;')).to.deep.equal(['if (a != b) r = 1;'])
      expect(changes('boundary', 'if (a < b) r = 1;')).to.deep.equal(['if (a <= b) r = 1;'])
      expect(changes('boundary', 'if (a == b) r = 1;')).to.deep.equal([])
    })
  })

  describe('condition', () => {
    it('negates, swaps and halves a condition', () => {
      expect(changes('condition', 'require(a > 0 && b > 0);')).to.have.members([
        'require(!(a > 0 && b > 0));',
        'require(((a > 0) || (b > 0)));',
        'require(a > 0);',
        'require(b > 0);',
      ])
    })

    it('turns `true` and `!` around, and leaves a comparison to its own operator', () => {
      expect(changes('condition', 'bool x = true; if (!x) r = 1;')).to.have.members([
        'bool x = false; if (!x) r = 1;',
        'bool x = true; if (x) r = 1;',
      ])
      expect(changes('condition', 'r = a > b ? 1 : 2;')).to.deep.equal([])
    })
  })

  describe('literal and constant', () => {
    it('are one off', () => {
      expect(changes('literal', 'r = 1_000;')).to.have.members(['r = 1001;', 'r = 999;'])
      expect(changes('literal', 'r = 0;')).to.deep.equal(['r = 1;'])
      expect(changes('literal', 'r = 0xff;')).to.have.members(['r = 0x100;', 'r = 0xfe;'])
      expect(changes('literal', 'r = 2 days;')).to.have.members(['r = 3 days;', 'r = 1 days;'])
    })

    it('shift a constant number, whatever it is made of', () => {
      const code = `contract A {
        uint256 constant M = 1 << 4;
        uint256 constant N = 7;
        bytes32 constant T = keccak256("t");
      }`
      const mutants = mutantsOf(code).filter(({ operator }) => operator !== 'arithmetic')
      expect(mutants.map(({ operator, unit, text }) => [operator, unit, text])).to.have.deep.members([
        ['constant', 'M', 'uint256(1 << 4) + 1'],
        ['constant', 'M', 'uint256(1 << 4) - 1'],
        ['constant', 'N', '8'],
        ['constant', 'N', '6'],
      ])
    })
  })

  describe('guard', () => {
    it('takes away what only refuses or leaves', () => {
      expect(changes('guard', 'require(a > 0, Bad(a));')).to.deep.equal(['{}'])
      expect(changes('guard', 'if (a > 0) revert Bad(a);')).to.deep.equal(['{}'])
      expect(changes('guard', 'if (a > 0) { return b; }')).to.deep.equal(['{}'])
      expect(changes('guard', 'if (a > 0) r = b;')).to.deep.equal([])
    })

    it('takes away a call whose answer nobody takes and which changes nothing', () => {
      const code = `contract A {
        uint256 s;
        function f() external {
          check();
          change();
        }
        function check() private view {}
        function change() private { s; }
      }`
      const ends = mutantsOf(code).filter(({ after }) => after === '{}')
      expect(ends.map(({ operator, before }) => [operator, before])).to.deep.equal([
        ['guard', 'check();'],
        ['effect', 'change();'],
      ])
    })

    it('takes away modifiers, but not the arguments of parents', () => {
      const code = `contract P { constructor(uint256) {} }
      contract A is P {
        modifier own() { _; }
        constructor() P(s()) {}
        function f() external own {}
        function s() private pure returns (uint256) { return 1; }
      }`
      const guards = mutantsOf(code).filter(({ operator }) => operator === 'guard')
      expect(guards.map(({ after }) => after)).to.deep.equal(['function f() external {}'])
    })
  })

  describe('effect', () => {
    it('takes away assignments, events and deletions', () => {
      expect(changes('effect', 's = a;')).to.deep.equal(['{}'])
      expect(changes('effect', 'emit E(a, b, to);')).to.deep.equal(['{}'])
      expect(changes('effect', 'delete s;')).to.deep.equal(['{}'])
    })

    it('leaves the head of a loop alone', () => {
      expect(changes('effect', 'for (uint256 i = 0; i < a; ++i) s = i;')).to.deep.equal([
        'for (uint256 i = 0; i < a; ++i) {}',
      ])
    })
  })

  describe('party', () => {
    it('puts each address in sight into the place of another, wherever a statement names it', () => {
      const code = `contract A {
        mapping(address => uint256) m;
        function f(address to) external {
          m[to] = m[to] + 1;
          { address hidden = to; }
          address later = to;
        }
      }`
      const parties = mutantsOf(code).filter(({ operator }) => operator === 'party')
      expect(parties.map(({ after }) => after)).to.deep.equal([
        'm[msg.sender] = m[msg.sender] + 1;',
        '{ address hidden = msg.sender; }',
        'address later = msg.sender;',
      ])
    })
  })

  describe('arguments', () => {
    it('swaps neighbours of one type', () => {
      expect(changes('arguments', 'emit E(a, b, to);')).to.deep.equal(['emit E(b, a, to);'])
      expect(changes('arguments', 'emit E(a, a, to);')).to.deep.equal([])
    })
  })

  describe('neighbour', () => {
    const code = `library L {
      function up(uint256 x) internal pure returns (uint256) { return x; }
      function down(uint256 x) internal pure returns (uint256) { return x; }
      function other(address x) internal pure returns (uint256) { return uint160(x); }
    }
    enum S { One, Two, Three }
    struct P { uint256 a; address b; uint256 c; }
    contract A {
      using L for uint256;
      using L for address;
      function f(P calldata p) external pure returns (uint256, S) {
        return (p.a.down(), S.Three);
      }
      function g(P calldata p) external pure returns (uint256) {
        return p.b.other();
      }
    }`

    it('takes the other one of a pair: functions, fields and values', () => {
      const found = mutantsOf(code).filter(({ operator }) => operator === 'neighbour')
      expect(found.map(({ after }) => after)).to.deep.equal([
        'return (p.c.down(), S.Three);',
        'return (p.a.up(), S.Three);',
        'return (p.a.down(), S.Two);',
      ])
    })
  })

  describe('min/max', () => {
    it('swaps them, whoever declares them', () => {
      const code = `library M {
        function max(uint256 a, uint256 b) internal pure returns (uint256) { return a > b ? a : b; }
        function min(uint256 a, uint256 b) internal pure returns (uint256) { return a < b ? a : b; }
      }
      contract A { function f(uint256 a, uint256 b) external pure returns (uint256) { return M.min(a, b); } }`
      const found = mutantsOf(code).filter(({ unit }) => unit === 'f')
      expect(found.map(({ operator, text }) => [operator, text])).to.deep.equal([['min/max', 'max']])
    })
  })

  describe('assembly', () => {
    it('takes another instruction, and numbers one off', () => {
      expect(changes('assembly', 'assembly { r := add(a, 32) }')).to.have.members([
        'assembly { r := sub(a, 32) }',
        'assembly { r := add(a, 0x21) }',
        'assembly { r := add(a, 0x1f) }',
      ])
    })
  })

  describe('all of them', () => {
    const body = `
      require(a > 0 && to != address(0), Bad(a));
      // Ähm: bytes are not characters
      s = a * b + 1;
      for (uint256 i = 0; i < a; ++i) s += i;
      emit E(a, b, to);
      if (s == 0) return b;
      r = s;`

    it('make code that compiles, each at its place', () => {
      const file = 'contracts/A.sol'
      const project = readProject({ [file]: functionOf(body) })
      const source = project.sources.get(file)!
      const mutants = generateMutants(project, [file])
      const [fastest] = profiles({})
      const failing = mutants.filter((mutant) => {
        const sources = new Map([[file, source.replace(mutant, mutant.text)]])
        return 'errors' in compile(sources, [{ file, name: 'A' }], fastest!)
      })
      expect(mutants.length).to.be.greaterThan(25)
      expect(failing.map(({ after }) => after)).to.deep.equal([])
    })

    it('tell the line, the function, and what changes', () => {
      const found = mutantsOf(functionOf(body)).find(({ operator }) => operator === 'boundary')!
      expect(found).to.deep.include({
        ...{ file: 'contracts/A.sol', unit: 'f', line: 9 },
        before: 'require(a > 0 && to != address(0), Bad(a));',
        after: 'require(a >= 0 && to != address(0), Bad(a));',
      })
    })

    it('never make the same change twice', () => {
      const mutants = mutantsOf(functionOf(body))
      expect(new Set(mutants.map(({ key }) => key)).size).to.equal(mutants.length)
      expect(new Set(mutants.map(({ start, end, text }) => `${start} ${end} ${text}`)).size).to.equal(
        mutants.length,
      )
    })
  })
})

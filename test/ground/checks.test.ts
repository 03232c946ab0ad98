import { expect } from 'chai'
import { lockFileGaps } from '../../scripts/checks/lockFile.ts'
import { brokenLinks } from '../../scripts/checks/markdownLinks.ts'
import { requirementGaps } from '../../scripts/checks/requirements.ts'
import { bareErrors, longFiles } from '../../scripts/checks/sourceRules.ts'
import { type Checkout, createCheckout } from './checkout.ts'

describe('npm run check', () => {
  let checkout: Checkout

  beforeEach(() => {
    checkout = createCheckout()
  })

  afterEach(() => checkout.remove('.'))

  describe('links', () => {
    it('finds relative links that lead nowhere', () => {
      checkout.write('README.md', '[a](docs/a.md) [b](docs/b.md#part) ![c](c.png "title")\n\n[d]: ./d.md\n')
      checkout.write(
        'docs/a.md',
        '[up](../README.md), [top](/README.md), [gone](../docs/gone.md), [folder](.)',
      )
      expect(brokenLinks(checkout.root)).to.deep.equal([
        'README.md: docs/b.md',
        'README.md: c.png',
        'README.md: ./d.md',
        'docs/a.md: ../docs/gone.md',
      ])
    })

    it('leaves addresses, anchors, code and the files of packages alone', () => {
      checkout.write(
        'README.md',
        '[a](https://a.example/x.md) [b](#part) [c](mailto:c@a.example) `[d](d.md)`\n',
      )
      checkout.write('docs/code.md', '```md\n[e](e.md)\n```\n')
      checkout.write('node_modules/p/README.md', '[f](f.md)')
      expect(brokenLinks(checkout.root)).to.deep.equal([])
    })
  })

  describe('requirements', () => {
    it('finds those without a test, those defined twice and citations of unknown ones', () => {
      checkout.write('docs/spec.md', '- **JM-1** a\n- **JM-2** b (see JM-9)\n- **JM-2** c\n- **RP-1** d\n')
      checkout.write('test/a.test.ts', "it('JM-1 holds', () => {})\n// JM-3, and UTF-8 is none\n")
      checkout.write('test/b.t.sol', '// RP-1\n')
      checkout.write('test/ground/c.test.ts', '// JM-4 is an example\n')
      expect(requirementGaps(checkout.root)).to.deep.equal([
        'JM-2 is defined twice',
        'JM-2 is cited by no test',
        'test/a.test.ts cites JM-3, which docs/spec.md does not have',
      ])
    })
  })

  describe('source rules', () => {
    it('finds a bare error in product code, with its line', () => {
      checkout.write('sdk/src/a.ts', '\nthrow new Error(reason)\n')
      checkout.write('runner/src/b.ts', 'throw new JobError(reason)\n')
      checkout.write('scripts/c.ts', 'throw new Error(reason)\n')
      expect(bareErrors(checkout.root)).to.deep.equal(['sdk/src/a.ts:2 throws a bare Error: give it a class'])
    })

    it('finds files of more than 400 lines', () => {
      checkout.write('contracts/A.sol', 'x\n'.repeat(400))
      checkout.write('contracts/B.sol', 'x\n'.repeat(401))
      expect(longFiles(checkout.root)).to.deep.equal(['contracts/B.sol has 401 lines (more than 400)'])
    })
  })

  describe('lock file', () => {
    const gaps = (packages: object) => {
      checkout.write('package-lock.json', JSON.stringify({ packages }))
      return lockFileGaps(checkout.root)
    }

    it('accepts packages found where Node finds them', () => {
      const packages = {
        '': { dependencies: { a: '1' } },
        sdk: { dependencies: { a: '1', c: '1' } },
        'sdk/node_modules/c': {},
        'node_modules/sdk': { resolved: 'sdk', link: true },
        'node_modules/a': { dependencies: { b: '1', a2: '1' } },
        'node_modules/a/node_modules/b': { dependencies: { a: '1' } },
        'node_modules/a2': {},
      }
      expect(gaps(packages)).to.deep.equal([])
    })

    it('finds an optional package npm left out, and a link without a target', () => {
      const packages = {
        '': {},
        'node_modules/sdk': { link: true },
        'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-mac': '1' } },
        'node_modules/a-linux': {},
        'node_modules/b/node_modules/a-mac': {},
      }
      expect(gaps(packages)).to.deep.equal([
        'package-lock.json: node_modules/sdk does not say where it links to',
        'package-lock.json: a-mac, wanted by node_modules/a, is missing',
      ])
    })
  })
})

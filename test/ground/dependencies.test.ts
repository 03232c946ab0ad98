import { expect } from 'chai'
import { buildKey, ensureDependencies, hasDependencies } from '../../scripts/bootstrap/dependencies.mjs'
import { type Checkout, createCheckout, muteStderr } from './checkout.ts'

const NATIVE = `@nomicfoundation/edr-${process.platform}-${process.arch}-gnu`
const node = { folder: '/bin', major: 24, own: true }

const manifest = (dependencies: Record<string, string>) => JSON.stringify({ dependencies, scripts: {} })
const lockFile = (mocha: string) =>
  JSON.stringify({
    packages: {
      '': { dependencies: { mocha } },
      sdk: {},
      runner: {},
      'node_modules/assay': { resolved: 'sdk', link: true },
      'node_modules/mocha': { version: mocha },
      'node_modules/elsewhere': { version: '1.0.0', optional: true },
    },
  })

describe('bootstrap: packages', () => {
  muteStderr()
  let checkout: Checkout
  let npmRuns: string[][]
  let answer: { code: number; output: string; missing: boolean }
  let install: () => void

  beforeEach(() => {
    checkout = createCheckout({
      'package.json': manifest({ mocha: '11.0.0' }),
      'sdk/package.json': '{}',
      'runner/package.json': '{}',
      'package-lock.json': lockFile('11.0.0'),
    })
    npmRuns = []
    answer = { code: 0, output: '', missing: false }
    install = () => installed('11.0.0')
  })

  afterEach(() => checkout.remove('.'))

  /** What npm leaves behind. */
  function installed(mocha: string) {
    checkout.remove('node_modules')
    const { packages } = JSON.parse(lockFile(mocha))
    delete packages['']
    delete packages['node_modules/elsewhere']
    checkout.write('node_modules/.package-lock.json', JSON.stringify({ packages }))
    checkout.write('node_modules/mocha/package.json', '{}')
    checkout.write('node_modules/assay/package.json', '{}')
    checkout.write(
      'node_modules/@nomicfoundation/edr/package.json',
      JSON.stringify({ optionalDependencies: { [NATIVE]: '1.0.0' } }),
    )
    checkout.write(`node_modules/${NATIVE}/package.json`, '{}')
  }

  const run = async (command: string, args: string[]) => {
    npmRuns.push([command, ...args])
    if (answer.code === 0) install()
    return answer
  }

  /** How many times npm ran. */
  async function ensure(by = node): Promise<number> {
    npmRuns = []
    await ensureDependencies(checkout.root, by, run, {})
    expect(hasDependencies(checkout.root, by)).to.equal(true)
    return npmRuns.length
  }

  describe('given no node_modules', () => {
    it('installs what the lock file says, development packages included', async () => {
      expect(hasDependencies(checkout.root, node)).to.equal(false)
      expect(await ensure()).to.equal(1)
      expect(npmRuns[0]?.slice(0, 4)).to.deep.equal(['npm', 'ci', '--include=dev', '--include=optional'])
    })
  })

  describe('given installed packages', () => {
    beforeEach(() => ensure())

    it('does nothing', async () => {
      expect(await ensure()).to.equal(0)
    })

    it('does nothing when only scripts of package.json changed', async () => {
      checkout.write(
        'package.json',
        JSON.stringify({ scripts: { new: '' }, dependencies: { mocha: '11.0.0' } }),
      )
      expect(hasDependencies(checkout.root, node)).to.equal(true)
    })

    it('installs again when the lock file asks for another version', async () => {
      checkout.write('package.json', manifest({ mocha: '12.0.0' }))
      checkout.write('package-lock.json', lockFile('12.0.0'))
      install = () => installed('12.0.0')
      expect(await ensure()).to.equal(1)
    })

    it('installs again when package.json asks for what the lock file does not have', async () => {
      checkout.write('package.json', manifest({ mocha: '11.0.0', chai: '6.0.0' }))
      expect(await ensure()).to.equal(1)
    })

    it('installs again for another major version of Node', async () => {
      expect(await ensure({ ...node, major: 26 })).to.equal(1)
    })

    it("installs again when Hardhat's native package is missing", async () => {
      checkout.remove(`node_modules/${NATIVE}`)
      expect(await ensure()).to.equal(1)
    })

    it('accepts what an `npm install` by hand has put there', async () => {
      checkout.write('package.json', manifest({ mocha: '12.0.0' }))
      checkout.write('package-lock.json', lockFile('12.0.0'))
      installed('12.0.0')
      expect(await ensure()).to.equal(0)
    })

    it('does not accept it when a package is missing from the disk', async () => {
      installed('11.0.0')
      checkout.remove('node_modules/mocha')
      expect(await ensure()).to.equal(1)
    })

    it('changes the key of every build with the lock file', () => {
      const before = buildKey(checkout.root, node)
      checkout.write('package-lock.json', lockFile('12.0.0'))
      expect(buildKey(checkout.root, node)).not.to.equal(before)
    })
  })

  describe('given npm fails', () => {
    const failure = async (output: string, missing = false) => {
      answer = { code: 1, output, missing }
      const error = await ensure().catch((error: unknown) => error)
      expect(hasDependencies(checkout.root, node)).to.equal(false)
      return String(error)
    }

    it('says that the registry cannot be reached', async () => {
      const message = await failure('npm error code ENOTFOUND\nnpm error network request failed')
      expect(message)
        .to.include('The npm registry cannot be reached.')
        .and.include('ENOTFOUND')
        .and.include('proxy')
    })

    it('says that the lock file does not match', async () => {
      expect(await failure('npm error code EUSAGE\nnpm error Missing: chai@6')).to.include(
        'Run `npm install`',
      )
    })

    it('says that npm is missing', async () => {
      expect(await failure('', true)).to.include('npm is not on the PATH')
    })

    it('shows what npm said when it knows nothing better', async () => {
      expect(await failure('npm error strange things')).to.include('strange things')
    })

    it('says so when npm left out the native package without a word', async () => {
      install = () => {
        installed('11.0.0')
        checkout.remove(`node_modules/${NATIVE}`)
      }
      const error = await ensure().catch((error: unknown) => error)
      expect(String(error)).to.include("Hardhat's native package")
    })
  })
})

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { readOptions } from '../../scripts/spec/options.ts'
import { type Checkout, createCheckout } from './checkout.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

describe('npm run spec', () => {
  let checkout: Checkout
  let folder: string

  beforeEach(() => {
    checkout = createCheckout({
      'a/i32.json': '{"commands": []}',
      'a/i32.0.wasm': '',
      'b/package.json': '{}',
    })
    folder = join(checkout.root, 'a')
  })
  afterEach(() => checkout.remove('.'))

  it('takes all scripts of a folder, or those that are named, with .json or without', () => {
    const rest = { folder, files: ['i32.json'], onchain: false }
    expect(readOptions([folder])).to.deep.equal({ ...rest, isWhole: true })
    expect(readOptions([folder, 'i32'])).to.deep.equal({ ...rest, isWhole: false })
    expect(readOptions(['--onchain', folder, 'i32.json'])).to.deep.equal({
      ...{ ...rest, onchain: true },
      isWhole: false,
    })
  })

  it('says what it misses', () => {
    const other = join(checkout.root, 'b')
    expect(readOptions([])).to.equal('DIR is missing.')
    expect(readOptions(['--onchian', folder])).to.match(/^Unknown option '--onchian'/)
    expect(readOptions([join(folder, 'c')])).to.equal(`There is no folder ${join(folder, 'c')}.`)
    expect(readOptions([checkout.root])).to.equal(`There is no script in ${checkout.root}.`)
    expect(readOptions([folder, 'i64'])).to.equal(`There is no script i64.json in ${folder}.`)
    expect(readOptions([other])).to.equal(`There is no script in ${other}.`)
    expect(readOptions([other, 'package'])).to.equal(`package.json in ${other} is no script of wast2json.`)
    checkout.write('a/broken.json', '{"commands": [')
    expect(readOptions([folder])).to.equal(`broken.json in ${folder} is no script of wast2json.`)
  })
})

describe('npm run bench:vm', () => {
  it('measures nothing and leaves its figures where it is called wrongly', function () {
    this.timeout(30_000)
    const figures = () => readFileSync(join(root, 'bench/vm.json'), 'utf8')
    const before = figures()
    const args = ['--conditions=assay-source', 'bench/vm.ts', '--help']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    expect(stderr).to.include('Usage: npm run bench:vm [-- --dry]')
    expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' })
    expect(figures()).to.equal(before)
  })
})

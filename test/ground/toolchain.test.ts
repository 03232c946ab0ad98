import { lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findNode, isRecent, linkNode } from '../../scripts/bootstrap/toolchain.mjs'
import { type Checkout, createCheckout } from './checkout.ts'

describe('bootstrap: Node', () => {
  let checkout: Checkout
  let link: string

  beforeEach(() => {
    checkout = createCheckout()
    mkdirSync(join(checkout.root, 'node_modules/.bin'), { recursive: true })
    link = join(checkout.root, 'node_modules/.bin/node')
  })

  afterEach(() => checkout.remove('.'))

  const fetched = () => ({
    folder: join(checkout.root, '.toolchain/node_modules/.bin'),
    major: 24,
    own: true,
  })
  const system = { folder: '/usr/bin', major: 24, own: false }
  const exists = () => lstatSync(link, { throwIfNoEntry: false }) !== undefined

  it('is good from 22.18 on', () => {
    expect(['v22.18.0', 'v22.19.1', 'v23.0.0', 'v24.1.0'].every(isRecent)).to.equal(true)
    expect(['v22.17.9', 'v20.20.2', 'v18.19.0', '', 'nonsense'].some(isRecent)).to.equal(false)
  })

  it('is the running one when that is good', () => {
    const node = findNode(checkout.root)
    expect(node?.own).to.equal(false)
    expect(realpathSync(join(node?.folder ?? '', 'node'))).to.equal(realpathSync(process.execPath))
  })

  it('is linked for npm scripts when it was fetched', () => {
    linkNode(checkout.root, fetched())
    expect(readlinkSync(link)).to.equal('../../.toolchain/node_modules/.bin/node')
    linkNode(checkout.root, fetched())
    expect(readlinkSync(link)).to.equal('../../.toolchain/node_modules/.bin/node')
  })

  it('replaces a link that leads elsewhere', () => {
    symlinkSync('/nowhere/node', link)
    linkNode(checkout.root, fetched())
    expect(readlinkSync(link)).to.equal('../../.toolchain/node_modules/.bin/node')
  })

  it("takes the link away when the system's is good by now", () => {
    linkNode(checkout.root, fetched())
    linkNode(checkout.root, system)
    expect(exists()).to.equal(false)
    linkNode(checkout.root, system)
    expect(exists()).to.equal(false)
  })
})

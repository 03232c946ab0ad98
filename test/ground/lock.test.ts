import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { withLock } from '../../scripts/bootstrap/lock.mjs'
import { type Checkout, createCheckout, muteStderr } from './checkout.ts'

describe('bootstrap: lock', () => {
  muteStderr()
  let checkout: Checkout
  let path: string
  let children: ChildProcess[]

  beforeEach(() => {
    checkout = createCheckout()
    path = join(checkout.root, '.toolchain/lock')
    children = []
  })

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    checkout.remove('.')
  })

  function living(): number {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    children.push(child)
    return child.pid ?? 0
  }

  async function dead(): Promise<number> {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    await once(child, 'exit')
    return child.pid ?? 0
  }

  const writeLock = (pids: number[], host = hostname()) =>
    checkout.write('.toolchain/lock', JSON.stringify({ host, pids }))
  const taken = () => withLock(path, async () => 'taken')
  const soon = (promise: Promise<unknown>) =>
    Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 400, 'waiting'))])

  it('is gone afterwards, also when the work fails', async () => {
    expect(await taken()).to.equal('taken')
    const failure = await withLock(path, () => Promise.reject('broken')).catch((error: unknown) => error)
    expect(failure).to.equal('broken')
    expect(existsSync(path)).to.equal(false)
  })

  it('lets one in at a time', async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 20))
      inside -= 1
    }
    await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)])
    expect(most).to.equal(1)
  })

  it('names the commands at work beside their owner', async () => {
    await withLock(path, async (lock) => {
      lock.include(4_000_000)
      expect(JSON.parse(readFileSync(path, 'utf8')).pids).to.deep.equal([process.pid, 4_000_000])
      lock.exclude(4_000_000)
      expect(JSON.parse(readFileSync(path, 'utf8')).pids).to.deep.equal([process.pid])
    })
  })

  it('is taken over when its owner is gone', async () => {
    writeLock([await dead()])
    expect(await soon(taken())).to.equal('taken')
  })

  it('is not taken over while a command of its dead owner goes on, but then', async () => {
    const command = living()
    writeLock([await dead(), command])
    const mine = taken()
    expect(await soon(mine)).to.equal('waiting')
    process.kill(command, 'SIGKILL')
    expect(await mine).to.equal('taken')
  })

  it('is not taken over from another machine that may be at work', async () => {
    writeLock([await dead()], 'elsewhere')
    const mine = taken()
    expect(await soon(mine)).to.equal('waiting')
    checkout.remove('.toolchain/lock')
    expect(await mine).to.equal('taken')
  })

  it('is taken over when nobody touched it for minutes, whoever has its number by now', async () => {
    writeLock([living()])
    utimesSync(path, new Date(), new Date(Date.now() - 6 * 60_000))
    expect(await soon(taken())).to.equal('taken')
  })

  it('is waited for when it cannot be read, and taken over when it is old', async () => {
    checkout.write('.toolchain/lock', '')
    const mine = taken()
    expect(await soon(mine)).to.equal('waiting')
    utimesSync(path, new Date(), new Date(Date.now() - 6 * 60_000))
    expect(await mine).to.equal('taken')
  })
})

import { expect } from 'chai'
import { parseEther, toHex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { Journal } from '../../runner/src/provider/journal.ts'
import type { AssayProcess } from '../../scripts/support/processes.ts'
import { burn, burnInputs } from './support/programs.ts'
import { HttpProxy, sends } from './support/proxy.ts'
import { until, within } from './support/until.ts'
import { freePort, type PostedJob, selector, World } from './support/world.ts'

describe('a provider and its chain', () => {
  let world: World
  let proxy: HttpProxy

  before(async () => {
    world = await World.start()
    proxy = await HttpProxy.start(world.rpcUrl)
    world.onStop(() => proxy.close())
  })
  after(() => world.stop())

  const postTiny = async (): Promise<PostedJob> =>
    world.post({ program: await loadProgram('tiny'), inputs: tinyInputs(2) })
  /** About a second of work. */
  const postBurn = (): Promise<PostedJob> => world.post({ program: burn, inputs: burnInputs(4, 250) })
  const cut = () => proxy.close()
  const restore = () => proxy.open()

  describe('when the node is cut off for a while', () => {
    let provider: AssayProcess
    before(async () => {
      provider = await world.provider({ account: 2, rpc: proxy.url })
    })
    after(() => world.kill(provider))
    afterEach(() => proxy.open().catch(() => undefined))

    it('goes on executing, says so once, and submits when it is back', async () => {
      const { jobId, run } = await postBurn()
      await provider.waitFor('executing', { jobId })
      const log = provider.log.length
      await cut()
      await provider.waitFor('node-away', { after: log })
      await provider.waitFor('executed', { jobId })
      await provider.waitFor('retry', { after: log })
      await restore()
      await provider.waitFor('node-back', { after: log })
      await provider.waitFor('submitted', { jobId })
      expect(await within('the outputs', run.result())).to.have.length(4)
      expect(await world.job(jobId)).to.include({ status: 'settled', provider: world.address(2) })
      const away = provider.log.slice(log).filter(({ event }) => event === 'node-away')
      expect(away).to.have.length(1)
      expect(away[0]?.error).to.match(/Error$/)
    })

    it('finds its claim mined that it had just sent', async () => {
      const hold = proxy.hold(sends(selector('claim')))
      const { jobId, run } = await postTiny()
      await within('the claim to be sent', hold.caught)
      await world.pauseMining()
      hold.release()
      await until('the claim to wait', async () => (await world.waitingCalls(2, 'claim')) === 1 || undefined)
      await cut()
      await world.resumeMining()
      await world.job(jobId, 'claimed')
      await restore()
      expect(await within('the outputs', run.result())).to.have.length(2)
      expect(await world.job(jobId)).to.include({ status: 'settled', provider: world.address(2) })
    })

    it('claims what was posted meanwhile', async () => {
      await cut()
      const { run } = await postTiny()
      await restore()
      expect(await within('the outputs', run.result())).to.have.length(2)
    })
  })

  describe('when there is no money for gas', () => {
    const account = 3
    const balance = (amount: string) =>
      world.rpc('hardhat_setBalance', world.address(account), toHex(parseEther(amount)))
    let provider: AssayProcess

    before(async () => {
      provider = await world.provider({ account, rpc: proxy.url })
    })
    after(() => world.kill(provider))
    afterEach(() => balance('1000'))

    it('says so, claims nothing, and goes on once it is topped up', async () => {
      await balance('0')
      const { jobId, run } = await postTiny()
      const line = await provider.waitFor('out-of-gas-money')
      expect(line).to.include({ level: 'error', address: world.address(account) })
      const looked = proxy.count(3, ({ rpc }) => rpc?.method === 'eth_getBalance')
      await within('more looks at the balance', looked)
      expect((await world.client().getJob({ jobId })).status).to.equal('open')
      expect(await world.transactionCounts(account)).to.include({ pending: 0 })
      await balance('1000')
      await provider.waitFor('gas-money')
      expect(await within('the outputs', run.result())).to.have.length(2)
      expect(provider.log.filter(({ event }) => event === 'out-of-gas-money')).to.have.length(1)
    })

    it('submits a claimed job as soon as it is topped up', async () => {
      const { jobId, run } = await postBurn()
      await provider.waitFor('claimed', { jobId })
      await balance('0')
      await provider.waitFor('executed', { jobId })
      const retry = await provider.waitFor('retry')
      expect(retry).to.include({ what: 'submitting the result', error: 'InsufficientGasFundsError' })
      await balance('1000')
      await provider.waitFor('submitted', { jobId })
      expect(await within('the outputs', run.result())).to.have.length(4)
      expect((await world.job(jobId)).status).to.equal('settled')
      expect(await world.bondsFree(account)).to.include({ locked: 0n })
    })
  })

  describe('when another chain answers at the same address', () => {
    const account = 4
    let fresh: World
    before(async () => {
      fresh = await World.start()
    })
    after(async () => {
      proxy.target = world.rpcUrl
      await fresh.stop()
    })

    it('stops in the middle of its work, names the reason, and keeps its journal', async () => {
      const port = await freePort()
      const provider = await world.provider({ account, rpc: proxy.url, port })
      const { jobId } = await world.post({ program: burn, inputs: burnInputs(20, 500) })
      await provider.waitFor('executing', { jobId })
      const hashes = await Promise.all(
        [world, fresh].map((each) => each.client().getBlock({ blockNumber: 0n })),
      )
      proxy.target = fresh.rpcUrl
      expect(await within('the provider to stop', provider.exited)).to.equal(1)
      expect(provider.stderr).to.contain('ChainReplacedError')
      for (const { hash } of hashes) expect(provider.stderr).to.contain(hash)

      // It keeps refusing that chain, and goes on with its own.
      const again = await world.provider({ account, rpc: proxy.url, port, ready: false })
      expect(await within('the provider to stop', again.exited)).to.equal(1)
      expect(again.stderr).to.contain('ChainReplacedError')
      expect(await fresh.transactionCounts(account)).to.deep.equal({ mined: 0, pending: 0 })
      const journal = new Journal(world.path(`provider-${account}`))
      expect(journal.openJobs()).to.have.length(1)
      expect(journal.job(jobId)).to.include({ phase: 'claimed', end: null })
      journal.close()

      proxy.target = world.rpcUrl
      const back = await world.provider({ account, rpc: proxy.url, port })
      await back.waitFor('executing', { jobId })
      await world.kill(back)
    })
  })
})

import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createEncryptionKeyPair, getAccount, type MarketClient, resultUrl } from 'assay'
import { expect } from 'chai'
import { type Hex, toHex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { writeJobKey } from '../../runner/src/cli/jobKeys.ts'
import { type AssayProcess, assay } from '../../scripts/support/processes.ts'
import { deliver, echo, filesWith, openOutputs, type PrivateJob, postPrivate } from './support/privateJobs.ts'
import { burn, burnInputs } from './support/programs.ts'
import { until, within } from './support/until.ts'
import { World } from './support/world.ts'

const PROVIDER = 2
const REQUESTER = 1
const CHEAT = 3
const OTHER = 4
/** `keyTime` of the local market's rules, seconds. */
const KEY_TIME = 600
const PRICE = 1_000_000n

const MARKER = 'the-plain-secret-of-the-requester'
const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('a private job', () => {
  let world: World
  let requester: MarketClient
  let cheat: MarketClient
  let provider: AssayProcess

  before(async () => {
    world = await World.start()
    requester = world.client(REQUESTER)
    cheat = world.client(CHEAT)
    await cheat.depositSync({ amount: 100_000_000n })
    provider = await start()
  })
  after(() => world.stop())

  const start = () => world.provider({ account: PROVIDER })
  const data = () => world.path(`provider-${PROVIDER}`)

  async function restart(): Promise<void> {
    await world.kill(provider)
    provider = await start()
  }

  const inputs = ['no', 'yes', ''].map((text) => bytesOf(`${MARKER} ${text}`))
  const shared = bytesOf(`, shared ${MARKER}`)
  const expected = inputs.map((input) => `${textOf(input)}${textOf(shared)}`)
  const postEcho = (client = requester) => postPrivate(world, client, { program: echo, inputs, shared })

  /** It waits for its key, in the eyes of the chain and of the provider. */
  async function untilAwaited({ jobId }: PrivateJob): Promise<void> {
    await provider.waitFor('awaiting-key', { jobId })
    expect(await requester.getJobStatus({ jobId })).to.equal('awaitingKey')
  }

  async function expectOutputs(job: PrivateJob): Promise<void> {
    await world.job(job.jobId, 'submitted')
    const outputs = await until('the outputs to be served', () =>
      openOutputs(requester, job).catch(() => undefined),
    )
    expect(outputs.map(textOf)).to.deep.equal(expected)
    await world.job(job.jobId, 'settled')
  }

  it('waits for its key, is computed with it, and shows nothing of it to anybody else', async () => {
    const job = await postEcho()
    await untilAwaited(job)
    await deliver(requester, job)
    await expectOutputs(job)
    const endpoint = (await requester.getProvider({ address: world.address(PROVIDER) })).endpoint
    const [leaves, outputs] = await Promise.all(
      (['leaves', 'outputs'] as const).map(async (part) => {
        const response = await fetch(resultUrl(endpoint, job.jobId, part))
        return Buffer.from(await response.arrayBuffer())
      }),
    )
    expect(leaves?.length).to.equal(53 * 3 + 16)
    expect(outputs?.includes(MARKER)).to.equal(false)
    const secrets = { marker: bytesOf(MARKER), 'key of the job': job.jobKey }
    for (const [name, secret] of Object.entries(secrets)) {
      expect(filesWith(world.path('store'), secret), `${name} in the store`).to.deep.equal([])
      expect(filesWith(data(), secret), `${name} at the provider`).to.deep.equal([])
    }
    for (const bytes of [job.jobKey, bytesOf(MARKER)]) {
      expect(provider.stderr).to.not.include(Buffer.from(bytes).toString('hex'))
      expect(provider.stderr).to.not.include(Buffer.from(bytes).toString('latin1'))
    }
    expect(statSync(world.path(`provider-${PROVIDER}`, 'encryption.key')).mode & 0o777).to.equal(0o600)
  })

  it('is what `run` makes of a part: it delivers the keys and opens the outputs', async () => {
    const kept = new Map<Hex, { jobKey: Uint8Array; status: string }>()
    const { run } = await world.post({
      ...{ program: echo, inputs, shared, private: true, tasksPerJob: 2 },
      keepKey: async ({ jobId, jobKey }) => {
        const status = await requester.getJobStatus({ jobId }).catch(({ name }) => name)
        kept.set(jobId, { jobKey, status })
      },
    })
    const outputs = await within('the outputs', run.result())
    expect(outputs.map(({ bytes }) => textOf(bytes))).to.deep.equal(expected)
    const jobs = await run.settled()
    expect([...kept.keys()]).to.have.members(jobs.map(({ jobId }) => jobId))
    // Each had another key, and none was on the chain when its key was kept.
    expect(new Set([...kept.values()].map(({ jobKey }) => toHex(jobKey))).size).to.equal(2)
    expect([...kept.values()].map(({ status }) => status)).to.deep.equal(Array(2).fill('UnknownJobError'))
    for (const { jobKey } of kept.values()) {
      expect(filesWith(world.path('store'), jobKey)).to.deep.equal([])
    }
    expect(filesWith(world.path('store'), bytesOf(MARKER))).to.deep.equal([])
  })

  it('is passed over by an audit, which finds nothing wrong', async () => {
    const { code, stdout, stderr } = await assay(['audit', '--rpc', world.rpcUrl, '--json'])
    expect(code, stderr).to.equal(0)
    const { findings, notServed } = JSON.parse(stdout)
    expect(findings).to.deep.equal([])
    const reasons = new Set(notServed.map(({ reason }: { reason: string }) => reason))
    expect([...reasons]).to.deep.equal(['its results are private'])
  })

  describe('on the command line', () => {
    const reading = () => ['--rpc', world.rpcUrl, '--keys', world.path('keys')]
    const signing = () => [...reading(), '--demo-account', String(REQUESTER)]

    it('is run, and its outputs are fetched again, with the key that was kept', async () => {
      writeFileSync(world.path('echo.wasm'), echo)
      const run = await assay([
        ...['run', world.path('echo.wasm'), '--text', MARKER, '--max-price', '1', '--private', '--json'],
        ...['--store', world.store, '--window', '2', ...signing()],
      ])
      expect(run.code, run.stderr).to.equal(0)
      const { jobs, outputs: printed } = JSON.parse(run.stdout)
      expect(printed[0].hex).to.equal(Buffer.from(MARKER).toString('hex'))
      const [{ jobId }] = jobs
      expect(statSync(world.path('keys', `${jobId}.key`)).mode & 0o777).to.equal(0o600)
      const again = await assay(['job', 'outputs', jobId, '--out', world.path('again'), ...reading()])
      expect(again.code, again.stderr).to.equal(0)
      expect(readFileSync(world.path('again', '0.bin'), 'utf8')).to.equal(MARKER)
      const blind = await assay([
        ...['job', 'outputs', jobId, '--out', world.path('blind'), '--rpc', world.rpcUrl],
        ...['--keys', world.path('none')],
      ])
      expect(blind.code).to.equal(1)
      expect(blind.stderr).to.contain('The key of a private job cannot be used.')
    })

    it('is shown with the deadline of its key, which is delivered by hand', async () => {
      const job = await postEcho()
      writeJobKey(world.path('keys'), job.jobId, job.jobKey)
      await untilAwaited(job)
      const { keyBy } = await requester.getJob({ jobId: job.jobId })
      const shown = await assay(['job', 'show', job.jobId, '--rpc', world.rpcUrl])
      expect(shown.stdout).to.match(/^Status: +awaitingKey$/m)
      const deadline = new Date((keyBy as number) * 1_000).toISOString().replace('.000Z', 'Z')
      expect(shown.stdout).to.match(new RegExp(`^Key by: +${deadline}$`, 'm'))
      const delivered = await assay(['job', 'deliver-key', job.jobId, ...signing()])
      expect(delivered.code, delivered.stderr).to.equal(0)
      await expectOutputs(job)
    })
  })

  describe('whose provider is killed', () => {
    it('while it waits for the key: goes on when it is started again', async () => {
      const job = await postEcho()
      await untilAwaited(job)
      await world.kill(provider)
      provider = await start()
      await provider.waitFor('awaiting-key', { jobId: job.jobId })
      await deliver(requester, job)
      await expectOutputs(job)
    })

    it('and started after the key came: takes it from the chain', async () => {
      const job = await postEcho()
      await untilAwaited(job)
      await world.kill(provider)
      await deliver(requester, job)
      provider = await start()
      await expectOutputs(job)
    })

    it('while executing: keeps what it has done, sealed', async () => {
      const tasks = 6
      const job = await postPrivate(world, requester, { program: burn, inputs: burnInputs(tasks, 250) })
      await untilAwaited(job)
      await deliver(requester, job)
      const file = world.path(`provider-${PROVIDER}`, 'results', `${job.jobId}.outputs`)
      // the random word, four bytes, the tag
      const stored = 32 + 4 + 16
      const done = await until('a task to be done', () => {
        const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
        return Math.floor(size / stored) || undefined
      })
      await restart()
      const { kept } = await provider.waitFor('executed', { jobId: job.jobId })
      expect(kept).to.be.within(done, tasks - 1)
      await world.job(job.jobId, 'settled')
      expect((await openOutputs(requester, job)).map(({ length }) => length)).to.deep.equal(
        Array(tasks).fill(4),
      )
    })
  })

  describe('whose key is useless', () => {
    it('is given back for 2 % of its price, and its requester is not served again', async () => {
      const before = await getAccount(requester, { address: world.address(PROVIDER) })
      const job = await postEcho(cheat)
      await untilAwaited(job)
      await deliver(cheat, { ...job, jobKey: new Uint8Array(randomBytes(32)) })
      const { error } = await provider.waitFor('gave-up', { jobId: job.jobId })
      expect(error).to.equal('SealBrokenError')
      const { status } = await world.job(job.jobId, 'final')
      expect(status).to.equal('released')
      const after = await getAccount(requester, { address: world.address(PROVIDER) })
      expect(before.stake - after.stake).to.equal((PRICE * 2n) / 100n)
      expect(after.locked).to.equal(0n)

      const next = await postEcho(cheat)
      const { reason } = await provider.waitFor('passed-over', { jobId: next.jobId })
      expect(reason).to.contain('it delivered a useless key')
      await cheat.cancelSync({ jobId: next.jobId })
    })
  })

  describe('whose key does not come', () => {
    it('is given back for nothing once the time for it has passed, after a restart in between as well', async () => {
      const job = await postEcho()
      await untilAwaited(job)
      // It keeps nobody else waiting, though the provider works on one job at a time.
      const open = await world.post({ program: await loadProgram('tiny'), inputs: tinyInputs(1) })
      await within('the outputs of another job', open.run.result())
      await open.run.settled()
      const before = await getAccount(requester, { address: world.address(PROVIDER) })
      const balance = (await getAccount(requester)).balance + PRICE
      await restart()
      await provider.waitFor('awaiting-key', { jobId: job.jobId })
      await world.rpc('evm_increaseTime', KEY_TIME + 1)
      await provider.waitFor('keyless', { jobId: job.jobId })
      const { status } = await world.job(job.jobId, 'final')
      expect(status).to.equal('released')
      const after = await getAccount(requester, { address: world.address(PROVIDER) })
      // At its start it brings the stake up again from the balance.
      expect(after.stake + after.balance).to.equal(before.stake + before.balance)
      expect(after.locked).to.equal(0n)
      expect((await getAccount(requester)).balance).to.equal(balance)
    })
  })

  describe('whose provider has registered no key', () => {
    it('gets none: `run` ends the claim when its time has passed, and posts the part again with another key', async () => {
      const large = { cores: 64, memoryMiB: 256, diskGiB: 0 }
      const other = world.client(OTHER)
      await other.depositSync({ amount: 100_000_000n })
      await other.stakeSync({ amount: 100_000_000n })
      const declaration = { resources: large, concurrency: 10, endpoint: 'http://127.0.0.1:9' }
      await other.updateProviderSync(declaration)
      const balance = (await getAccount(requester)).balance
      const caller = new AbortController()
      const kept: Hex[] = []
      const { run, jobId } = await world.post({
        ...{ program: echo, inputs, private: true, floor: large, claimFor: 900, signal: caller.signal },
        keepKey: ({ jobKey }) => void kept.push(toHex(jobKey)),
      })
      await other.claimSync({ jobId })
      await until('the run to see the claim', () => run.jobs()[0]?.state === 'claimed' || undefined)
      await world.rpc('evm_increaseTime', KEY_TIME + 1)
      const [first, second] = await until('the second attempt', () => {
        const jobs = run.jobs()
        return jobs.length === 2 ? jobs : undefined
      })
      expect(first?.reason).to.equal(
        `provider ${world.address(OTHER)} has no key that data can be encrypted for`,
      )
      expect(await requester.getJobStatus({ jobId })).to.equal('released')
      const terms = await Promise.all(
        [jobId, second?.jobId as Hex].map((id) => requester.getJobTerms({ jobId: id })),
      )
      expect(new Set(terms.map(({ inputsRoot }) => inputsRoot)).size).to.equal(2)
      expect(new Set(kept).size).to.equal(2)
      // With a key registered, the next claim gets the key of its job.
      const { publicKey } = await createEncryptionKeyPair()
      await other.updateProviderSync({ ...declaration, encryptionKey: publicKey })
      await other.claimSync({ jobId: second?.jobId as Hex })
      await world.job(second?.jobId as Hex, 'claimed')
      await until('the key', async () => {
        const status = await requester.getJobStatus({ jobId: second?.jobId as Hex })
        return status === 'claimed' || undefined
      })
      caller.abort()
      await other.releaseSync({ jobId: second?.jobId as Hex })
      expect((await getAccount(requester)).balance).to.equal(balance)
    })
  })
})

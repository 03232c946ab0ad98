import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  claim,
  claimSync,
  contentRoot,
  depositSync,
  encodeLeaves,
  getAccount,
  getJob,
  getJobs,
  type LeafRow,
  type MarketClient,
  type Run,
  type RunEvent,
  type RunOutput,
  resultTree,
  stakeSync,
  submit,
  updateProviderSync,
} from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram, programPath } from '../../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../../examples/tiny/mix.ts'
import { AssayProcess } from '../../scripts/support/processes.ts'
import { badPrograms } from './support/programs.ts'
import { HttpProxy, sends } from './support/proxy.ts'
import { until, within } from './support/until.ts'
import { selector, World } from './support/world.ts'

const REAL = 2
const FAKE = 3

/** What a lying provider serves instead of what it submitted. */
const lies = {
  'other leaves': { error: 'ResultMismatchError', leaves: true, outputs: false },
  'other outputs': { error: 'ContentMismatchError', leaves: false, outputs: true },
  nothing: { error: 'ResultNotPublishedError', leaves: false, outputs: false },
}

describe('client.run', () => {
  let world: World
  let client: MarketClient
  let program: Uint8Array

  before(async () => {
    world = await World.start()
    client = world.client()
    program = await loadProgram('tiny')
  })
  after(() => world.stop())

  const balance = async () => (await getAccount(client, {})).balance
  const base = () => ({ program, store: world.store, maxPrice: 4_000_000n, ramp: 0, run: 30, window: 2 })
  const errorOf = (promise: Promise<unknown>) =>
    within(
      'an error',
      promise.then(
        () => expect.fail('it did not fail'),
        (error: Error) => error,
      ),
    )
  const statesOf = async (run: Run) =>
    Promise.all(run.jobs().map(async ({ jobId }) => (await getJob(client, { jobId })).status))

  describe('given nobody who computes', () => {
    it('takes every job back when it is aborted, and is refunded', async () => {
      const start = await balance()
      const abort = new AbortController()
      const run = await client.run({ ...base(), inputs: tinyInputs(4), tasksPerJob: 1, signal: abort.signal })
      expect(run.jobs()).to.have.length(4)
      expect(await balance()).to.equal(start - 4_000_000n)
      const reason = new RangeError('changed my mind')
      abort.abort(reason)
      expect(await errorOf(run.result())).to.equal(reason)
      expect(await errorOf(run.settled())).to.equal(reason)
      expect(await statesOf(run)).to.deep.equal(Array(4).fill('cancelled'))
      expect(await balance()).to.equal(start)
    })

    it('takes expired jobs back, posts them again as often as it was told, and names the part that failed', async () => {
      const start = await balance()
      const events: RunEvent[] = []
      const run = await client.run({
        ...base(),
        inputs: tinyInputs(2),
        tasksPerJob: 2,
        claimFor: 2,
        attempts: 2,
        onProgress: (event) => events.push(event),
      })
      const error = await errorOf(run.result())
      expect(error).to.include({ name: 'ShardFailedError', first: 0, tasks: 2 })
      expect(error.message).to.contain('Attempt 2 of 2: nobody claimed it in time')
      expect(events.map(({ type }) => type)).to.deep.equal(['stored', 'posted', 'lost', 'posted', 'lost'])
      expect(await statesOf(run)).to.deep.equal(['cancelled', 'cancelled'])
      expect(await balance()).to.equal(start)
    })

    it('takes every job back when assay run is interrupted', async () => {
      const start = await balance()
      const command = new AssayProcess([
        ...[
          'run',
          programPath('tiny'),
          '--text',
          'a',
          '--text',
          'b',
          '--tasks-per-job',
          '1',
          '--max-price',
          '1',
        ],
        ...['--rpc', world.rpcUrl, '--store', world.store, '--demo-account', '1', '--json'],
      ])
      world.watch(command)
      const posted = await until('both jobs to be posted', () => {
        const ids = [...command.stderr.matchAll(/^Posted (0x\w{64})/gm)].map(([, id]) => id as Hex)
        return ids.length === 2 ? ids : undefined
      })
      command.kill('SIGINT')
      expect(await within('the command to end', command.exited)).to.equal(1)
      const [report = ''] = command.stderr.match(/^\{.*\}$/m) ?? []
      expect(JSON.parse(report)).to.include({ error: 'RunInterruptedError' })
      for (const jobId of posted) expect((await getJob(client, { jobId })).status).to.equal('cancelled')
      expect(await balance()).to.equal(start)
    })

    const refusals: Record<string, string> = {
      'not wasm': 'NotWasmError',
      'wrong imports': 'ProgramImportError',
      'no entry': 'ProgramEntryError',
    }
    for (const [what, bad] of Object.entries(badPrograms)) {
      it(`refuses a program that is or has ${what} before it pays anything`, async () => {
        const start = await balance()
        const error = await errorOf(client.run({ ...base(), program: bad, inputs: tinyInputs(1) }))
        expect(error.name).to.equal(refusals[what])
        expect(await balance()).to.equal(start)
      })
    }
  })

  describe('given a node that fails while it posts', () => {
    let proxy: HttpProxy
    let far: MarketClient

    before(async () => {
      proxy = await HttpProxy.start(world.rpcUrl)
      world.onStop(() => proxy.close())
      far = world.client(1, proxy.url)
    })

    it('finds the jobs whose posting was not confirmed, and does not post them twice', async () => {
      const fromBlock = await client.getBlockNumber({ cacheTime: 0 })
      const postMany = selector('postMany')
      // The posting waits in the node's pool until it was tried again.
      await world.pauseMining()
      let estimates = 0
      const remove = proxy.rule(async (seen) => {
        if (
          seen.rpc?.method === 'eth_estimateGas' &&
          seen.body.includes(postMany.slice(2)) &&
          ++estimates === 2
        )
          await world.resumeMining()
        return sends(postMany)(seen) ? 'swallow' : undefined
      })
      const abort = new AbortController()
      const posting = far.run({ ...base(), inputs: tinyInputs(2), tasksPerJob: 1, signal: abort.signal })
      const run = await within('the posting', posting).finally(() => {
        remove()
        return world.resumeMining()
      })
      expect(estimates).to.be.at.least(2)
      const posted = await getJobs(client, { requester: world.address(1), fromBlock: fromBlock + 1n })
      expect(posted.map(({ jobId }) => jobId)).to.deep.equal(run.jobs().map(({ jobId }) => jobId))
      abort.abort()
      await errorOf(run.settled())
      expect(await statesOf(run)).to.deep.equal(['cancelled', 'cancelled'])
    })

    it('takes back what the first transaction posted when the second fails for good', async () => {
      const start = await balance()
      let posts = 0
      const remove = proxy.rule((seen) => {
        if (!sends(selector('postMany'))(seen) || ++posts === 1) return undefined
        const { id } = JSON.parse(seen.body.toString())
        const error = { code: -32000, message: 'this node has had enough' }
        return { status: 200, body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, error })) }
      })
      const run = await far.run({ ...base(), inputs: tinyInputs(51), tasksPerJob: 1 }).finally(remove)
      const error = await errorOf(run.result())
      expect(error.name).to.equal('RpcRequestFailedError')
      expect(run.jobs()).to.have.length(50)
      expect(await statesOf(run)).to.deep.equal(Array(50).fill('cancelled'))
      expect(await balance()).to.equal(start)
    })
  })

  describe('given a provider that lies about its results', () => {
    const honest = tinyInputs(2)[1] as Uint8Array
    let liar: Liar
    const runs = new Map<string, Run>()

    before(async () => {
      liar = await startLiar(world)
      for (const what of Object.keys(lies)) {
        const run = await client.run({
          ...base(),
          inputs: tinyInputs(2),
          tasksPerJob: 1,
          outputsTimeout: 1,
          pollingInterval: 150,
        })
        runs.set(what, run)
        run.result().catch(() => undefined)
      }
      await liar.work(
        [...runs].flatMap(([what, run]) => run.jobs().map((job, i) => ({ job, lie: i === 0 ? what : null }))),
      )
    })

    for (const [what, { error: cause }] of Object.entries(lies)) {
      it(`yields what is right, nothing of a job with ${what}, and names who withholds it`, async () => {
        const run = runs.get(what) as Run
        const yielded: RunOutput[] = []
        const error = await errorOf(
          (async () => {
            for await (const output of run.outputs()) yielded.push(output)
          })(),
        )
        expect(error).to.include({
          name: 'OutputsWithheldError',
          jobId: run.jobs()[0]?.jobId,
          provider: world.address(FAKE),
        })
        expect((error.cause as Error).name).to.equal(cause)
        expect(yielded.map(({ index, bytes }) => [index, ...bytes])).to.deep.equal([
          [1, ...tinyOutput(honest)],
        ])
      })
    }
  })

  describe('given a provider that is late', () => {
    it('ends its claim, posts the job again, and gets the outputs from another', async () => {
      const inputs = tinyInputs(3)
      const events: RunEvent[] = []
      const run = await client.run({
        ...base(),
        inputs,
        tasksPerJob: 3,
        run: 3,
        attempts: 2,
        onProgress: (event) => events.push(event),
      })
      await claimSync(world.client(FAKE), { jobId: run.jobs()[0]?.jobId as Hex })
      await world.provider({ account: REAL })
      const outputs = await within('the outputs', run.result())
      expect(outputs.map(({ bytes }) => [...bytes])).to.deep.equal(
        inputs.map((input) => [...tinyOutput(input)]),
      )
      expect(new Set(outputs.map(({ provider }) => provider))).to.deep.equal(new Set([world.address(REAL)]))
      const [late, done] = await within('the settlement', run.settled())
      expect(late).to.include({
        state: 'lost',
        attempt: 1,
        reason: `provider ${world.address(FAKE)} was late`,
      })
      expect(done).to.include({ state: 'settled', attempt: 2 })
      expect(await statesOf(run)).to.deep.equal(['failed', 'settled'])
      expect(events.map(({ type }) => type)).to.deep.equal([
        'stored',
        'posted',
        'claimed',
        'lost',
        'posted',
        'claimed',
        'submitted',
        'verified',
        'settled',
      ])
    })
  })

  describe('given a node that goes away for a while', () => {
    it('goes on where it was when its node comes back', async () => {
      const proxy = await HttpProxy.start(world.rpcUrl)
      world.onStop(() => proxy.close())
      const run = await world.client(1, proxy.url).run({ ...base(), inputs: tinyInputs(2), tasksPerJob: 2 })
      await proxy.close()
      const { jobId } = run.jobs()[0] as { jobId: Hex }
      await world.job(jobId, 'submitted')
      await proxy.open()
      expect(await within('the outputs', run.result())).to.have.length(2)
    })
  })
})

type Liar = Awaited<ReturnType<typeof startLiar>>

/** A provider made of SDK calls: claims what it is told to, computes it well, and serves whatever it likes. */
async function startLiar(world: World) {
  const client = world.client(FAKE)
  const served = new Map<string, Uint8Array>()
  const server = createServer(({ url = '' }, response) => {
    const bytes = served.get(url)
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  world.onStop(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await depositSync(client, { amount: 100_000_000n })
  await stakeSync(client, { amount: 100_000_000n })
  const resources = { cores: 8, memoryMiB: 4_096, diskGiB: 0 }
  await updateProviderSync(client, { resources, concurrency: 100, endpoint })

  const resultsOf = (inputs: readonly Uint8Array[]) => {
    const outputs = inputs.map(tinyOutput)
    const rows = outputs.map(
      (bytes): LeafRow => ({
        status: 'halted',
        exitCode: 0,
        outputRoot: contentRoot(bytes),
        outputLength: bytes.length,
        steps: 1n,
      }),
    )
    return { rows, leaves: encodeLeaves(rows), outputs: Buffer.concat(outputs) }
  }

  async function work(
    jobs: readonly { job: { jobId: Hex; first: number; tasks: number }; lie: string | null }[],
  ) {
    for (const { job } of jobs) await claim(client, { jobId: job.jobId })
    for (const { job, lie } of jobs) {
      const { jobId, first, tasks } = job
      await until(
        'the claim to be mined',
        async () => (await getJob(client, { jobId })).provider ?? undefined,
      )
      const inputs = tinyInputs(2).slice(first, first + tasks)
      const { rows, leaves, outputs } = resultsOf(inputs)
      const wrong = resultsOf(inputs.map(() => Uint8Array.of(1, 2, 3)))
      const told = lie === null ? null : lies[lie as keyof typeof lies]
      if (lie !== 'nothing') {
        served.set(`/jobs/${jobId}/leaves`, told?.leaves ? wrong.leaves : leaves)
        served.set(`/jobs/${jobId}/outputs`, told?.outputs || told?.leaves ? wrong.outputs : outputs)
      }
      const { root: resultRoot, totalSteps } = resultTree(rows)
      await submit(client, { jobId, resultRoot, totalSteps })
    }
  }
  return { work }
}

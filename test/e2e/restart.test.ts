import { appendFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { getAccount } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../../examples/tiny/mix.ts'
import type { AssayProcess } from '../../scripts/support/processes.ts'
import { burn, burnInputs } from './support/programs.ts'
import { HttpProxy, sends, simulates } from './support/proxy.ts'
import { until, within } from './support/until.ts'
import { freePort, type PostedJob, selector, World } from './support/world.ts'

const PROVIDER = 2

describe('a provider that is killed and started again with the same data', () => {
  let world: World
  let proxy: HttpProxy
  let port: number
  let provider: AssayProcess
  let stake: bigint
  let fromBlock: bigint
  /** Jobs that ended well so far. */
  const jobs: PostedJob[] = []
  const tiny = { inputs: tinyInputs(3) }

  before(async () => {
    world = await World.start()
    proxy = await HttpProxy.start(world.rpcUrl)
    world.onStop(() => proxy.close())
    port = await freePort()
    provider = await start()
    ;({ stake } = await getAccount(world.client(), { address: world.address(PROVIDER) }))
    fromBlock = (await world.client().getBlockNumber({ cacheTime: 0 })) + 1n
  })
  after(() => world.stop())

  const start = () => world.provider({ account: PROVIDER, rpc: proxy.url, port })

  async function restart(): Promise<void> {
    await world.kill(provider)
    provider = await start()
  }

  /** The outputs came, from this provider, at the first attempt. How often it sent what is checked at the end. */
  async function expectResult(posted: PostedJob): Promise<void> {
    const { run, jobId } = posted
    const outputs = await within('the outputs', run.result())
    expect(outputs.map(({ index }) => index)).to.deep.equal(
      run.jobs().flatMap(({ tasks }) => [...Array(tasks).keys()]),
    )
    const job = await world.job(jobId, 'submitted')
    expect(job.provider).to.equal(world.address(PROVIDER))
    jobs.push(posted)
  }

  async function postTiny(): Promise<PostedJob> {
    return world.post({ program: await loadProgram('tiny'), inputs: tiny.inputs })
  }

  it('before its claim was sent: sends that claim', async () => {
    const hold = proxy.hold(sends(selector('claim')))
    const posted = await postTiny()
    await within('the claim to be sent', hold.caught)
    await world.kill(provider)
    hold.release('refuse')
    provider = await start()
    await expectResult(posted)
    const outputs = await posted.run.result()
    expect(outputs.map(({ bytes }) => [...bytes])).to.deep.equal(
      tiny.inputs.map((input) => [...tinyOutput(input)]),
    )
  })

  for (const [call, what, reached] of [
    ['claim', 'claim', 'claimed'],
    ['submit', 'submission', 'submitted'],
  ] as const) {
    it(`after its ${what} was sent, before it was mined: does not ${call} again`, async () => {
      const hold = proxy.hold(sends(selector(call)))
      const posted = await postTiny()
      await within(`the ${what} to be sent`, hold.caught)
      await unmined(async () => {
        hold.release()
        // Earlier jobs may become due for their settlement meanwhile.
        const waiting = () => world.waitingCalls(PROVIDER, call)
        await until(`the ${what} to wait`, async () => (await waiting()) === 1 || undefined)
        await restart()
        expect(await waiting()).to.equal(1)
      })
      await expectResult(posted)
    })

    it(`while the answer to its ${what} is lost: does not ${call} again`, async () => {
      const remove = proxy.rule((seen) => (sends(selector(call))(seen) ? 'swallow' : undefined))
      const posted = await postTiny()
      await world.job(posted.jobId, reached)
      await world.kill(provider)
      remove()
      provider = await start()
      await expectResult(posted)
    })
  }

  it('with a claim that stands, before executing: executes and submits', async () => {
    // From the claim on, it learns of its receipt and can read nothing else.
    let isClaimed = false
    const blind = proxy.hold(({ rpc }) => isClaimed && rpc?.method === 'eth_call')
    const remove = proxy.rule((seen) => {
      if (sends(selector('claim'))(seen)) isClaimed = true
      return undefined
    })
    const posted = await postTiny()
    await provider.waitFor('claimed', posted)
    await within('the provider to look at its claim', blind.caught)
    await world.kill(provider)
    expect(eventsOf(posted)).to.not.include('executing')
    remove()
    blind.release('refuse')
    provider = await start()
    await provider.waitFor('executing', posted)
    await expectResult(posted)
  })

  it('while executing: keeps the tasks that were done', async () => {
    const tasks = 8
    const posted = await world.post({ program: burn, inputs: burnInputs(tasks, 250) })
    const done = await until('two tasks to be done', () => {
      const bytes = sizeOf(outputsOf(posted.jobId))
      return bytes >= 2 * 4 ? bytes / 4 : undefined
    })
    await restart()
    const { kept } = await provider.waitFor('executed', posted)
    expect(kept, 'tasks kept')
      .to.be.at.least(done - 1)
      .and.below(tasks)
    await expectResult(posted)
  })

  it('after executing, before submitting: does not execute again', async () => {
    const hold = proxy.hold(simulates(selector('submit')))
    const posted = await postTiny()
    await provider.waitFor('executed', posted)
    await within('the submission to be tried', hold.caught)
    await world.kill(provider)
    hold.release('refuse')
    provider = await start()
    await expectResult(posted)
    expect(eventsOf(posted)).to.not.include('executing')
  })

  it('after its submission was signed, before it was sent: sends that one', async () => {
    const hold = proxy.hold(sends(selector('submit')))
    const posted = await postTiny()
    await within('the submission to be sent', hold.caught)
    await world.kill(provider)
    hold.release('refuse')
    provider = await start()
    await provider.waitFor('sent-again')
    await expectResult(posted)
    expect(eventsOf(posted)).to.not.include('executing')
  })

  it('after its submission was mined: serves the outputs and settles', async () => {
    const posted = await postTiny()
    await provider.waitFor('submitted', posted)
    await restart()
    await expectResult(posted)
  })

  it('while its settlement is on its way: does not settle again', async () => {
    const hold = proxy.hold(sends(selector('settleMany')))
    const posted = await postTiny()
    await within('the settlement to be sent', hold.caught)
    await world.kill(provider)
    hold.release()
    provider = await start()
    await expectResult(posted)
  })

  it('after its journal was lost: takes its claim up from the chain', async () => {
    const posted = await world.post({ program: burn, inputs: burnInputs(4, 300) })
    await provider.waitFor('executing', posted)
    await world.kill(provider)
    for (const name of readdirSync(data())) {
      if (name.startsWith('journal.sqlite')) rmSync(join(data(), name))
    }
    provider = await start()
    await provider.waitFor('executing', posted)
    await expectResult(posted)
  })

  it('after its disk changed what it had fetched: fetches it again', async () => {
    const posted = await world.post({ program: burn, inputs: burnInputs(4, 301) })
    await provider.waitFor('executing', posted)
    await world.kill(provider)
    const inputs = join(data(), 'inputs', 'inputs')
    const files = readdirSync(inputs, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    for (const { parentPath, name } of files) appendFileSync(join(parentPath, name), 'one byte too many')
    provider = await start()
    const retry = await provider.waitFor('retry')
    expect(retry).to.include({ what: 'preparing the job', error: 'CorruptStoreFileError' })
    await expectResult(posted)
  })

  it('asked to stop: finishes what it claimed, claims nothing more, and ends with 0', async () => {
    const posted = await world.post({ program: burn, inputs: burnInputs(4, 250) })
    await provider.waitFor('executing', posted)
    provider.kill('SIGTERM')
    await provider.waitFor('stopping')
    const next = await postTiny()
    expect(await within('the provider to end', provider.exited)).to.equal(0)
    expect(eventsOf(posted)).to.include('submitted')
    expect((await world.client().getJob(next)).status).to.equal('open')
    provider = await start()
    await expectResult(posted)
    await expectResult(next)
  })

  it('asked twice: stops at once with 0, and goes on with what was done', async () => {
    const posted = await world.post({ program: burn, inputs: burnInputs(6, 250) })
    const done = await until('a task to be done', () => sizeOf(outputsOf(posted.jobId)) / 4 || undefined)
    provider.kill('SIGINT')
    await provider.waitFor('stopping')
    provider.kill('SIGINT')
    expect(await within('the provider to end', provider.exited)).to.equal(0)
    expect(eventsOf(posted)).to.not.include('executed')
    provider = await start()
    const { kept } = await provider.waitFor('executed', posted)
    expect(kept).to.be.at.least(done)
    await expectResult(posted)
  })

  it('claimed, submitted and settled each of those jobs with one transaction, and has its bonds back', async () => {
    for (const { jobId } of jobs) await world.job(jobId, 'settled')
    const calls = await world.callsOf(PROVIDER, fromBlock)
    expect(calls.filter(({ status }) => status === 'reverted')).to.deep.equal([])
    for (const { jobId } of jobs) {
      const made = calls
        .filter(({ jobIds }) => jobIds.includes(jobId))
        .map(({ functionName }) => functionName)
      expect(made).to.deep.equal(['claim', 'submit', 'settleMany'])
    }
    expect(await world.bondsFree(PROVIDER)).to.deep.equal({ stake, locked: 0n })
  })

  /** Does something while no block comes. */
  async function unmined(step: () => Promise<void>): Promise<void> {
    await world.pauseMining()
    await step().finally(() => world.resumeMining())
  }

  /** What the present life of the provider did for a job. */
  function eventsOf({ jobId }: PostedJob): (string | undefined)[] {
    return provider.log.filter((line) => line.jobId === jobId).map(({ event }) => event)
  }

  const data = () => world.path(`provider-${PROVIDER}`)
  const outputsOf = (jobId: Hex) => join(data(), 'results', `${jobId}.outputs`)
})

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}

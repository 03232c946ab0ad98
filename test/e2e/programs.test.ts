import {
  contentRoot,
  emptyContentHash,
  getParameters,
  type JobTerms,
  packInputs,
  postSync,
  putInputs,
  putProgram,
} from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { faultInput } from '../../examples/faults/requests.ts'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import type { AssayProcess } from '../../scripts/support/processes.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { badPrograms } from './support/programs.ts'
import { within } from './support/until.ts'
import { World } from './support/world.ts'

const PROVIDER = 2
const STRICT = 3

describe('a provider and bad programs', () => {
  let world: World
  let provider: AssayProcess

  before(async () => {
    world = await World.start()
    provider = await world.provider({ account: PROVIDER, args: ['--slots', '2', '--memory', '256'] })
  })
  after(() => world.stop())

  /** Posts terms as they are, as software other than the SDK may. */
  async function postByHand(
    terms: Partial<JobTerms> & Pick<JobTerms, 'programId'>,
    inputs = tinyInputs(2),
  ): Promise<Hex> {
    const client = world.client()
    const inputsRoot = await putInputs({ url: world.store, bytes: packInputs(inputs) })
    const { timestamp } = await client.getBlock()
    const { jobId } = await postSync(client, {
      terms: {
        inputsRoot,
        sharedInput: emptyContentHash,
        maxPrice: 1_000_000n,
        minPrice: 1_000_000n,
        ramp: 0,
        run: 20,
        window: 2,
        minReputation: 0n,
        floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
        level: 'optimistic',
        tasks: inputs.length,
        claimBy: Number(timestamp) + 600,
        stepLimit: 1n << 30n,
        maxOutput: 1_024,
        maxPages: 16,
        dataUri: world.store,
        ...terms,
      },
    })
    return jobId
  }

  async function expectRefused(jobId: Hex, error: string, reason: RegExp): Promise<void> {
    const line = await provider.waitFor('refused', { jobId })
    expect(line).to.include({ error, level: 'warn' })
    expect(line.reason).to.match(reason)
    expect(await world.client().getJob({ jobId })).to.include({ status: 'open', provider: null })
    await world.client().cancelSync({ jobId })
  }

  async function expectGoesOn(): Promise<void> {
    const { run } = await world.post({ program: await loadProgram('tiny'), inputs: tinyInputs(2) })
    expect(await within('the outputs of a good job', run.result())).to.have.length(2)
  }

  it('gets paid for tasks that trap, exit early or write nothing', async () => {
    const inputs = [
      faultInput('trap'),
      faultInput('echo'),
      faultInput('exit', 7),
      faultInput('divide', 0),
      faultInput('address'),
    ]
    const { jobId, run } = await world.post({ program: await loadProgram('faults'), inputs })
    const outputs = await within('the outputs', run.result())
    expect(outputs.map(({ status, exitCode }) => [status, exitCode])).to.deep.equal([
      ['trapped', 0],
      ['halted', 0],
      ['halted', 7],
      ['trapped', 0],
      ['trapped', 0],
    ])
    expect(outputs.map(({ bytes }) => bytes.length)).to.deep.equal([0, 5, 1, 0, 0])
    expect(await world.job(jobId)).to.include({ status: 'settled', provider: world.address(PROVIDER) })
  })

  const refusals: Record<string, string> = {
    'not wasm': 'NotWasmError',
    'wrong imports': 'ProgramImportError',
    'no entry': 'ProgramEntryError',
  }
  for (const [what, program] of Object.entries(badPrograms)) {
    it(`has no id for a program that is or has ${what}, and its store takes it under none`, async () => {
      const error = await putProgram({ url: world.store, bytes: program }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(error).to.have.property('name', refusals[what])
      const { status } = await fetch(`${world.store}/programs/${contentRoot(program)}`, {
        method: 'PUT',
        body: Buffer.from(program),
      })
      expect(status).to.equal(422)
    })
  }

  it('does not claim a job of a program that is nowhere', async () => {
    const jobId = await postByHand({ programId: contentRoot(tinyInputs(1)[0] as Uint8Array) })
    const line = await provider.waitFor('not-ready', { jobId })
    expect(line.error).to.equal('ContentNotFoundError')
    await world.client().cancelSync({ jobId })
  })

  describe('whose terms no provider could fulfil', () => {
    let programId: Hex
    before(async () => {
      programId = await putProgram({ url: world.store, bytes: await loadProgram('tiny') })
    })

    it('refuses more steps than it expects to do in the run time (decision 23)', async () => {
      await expectRefused(
        await postByHand({ programId, run: 20, stepLimit: 1n << 32n }),
        'JobRefusedError',
        /steps/,
      )
    })

    it('refuses outputs larger than its sandbox hands out', async () => {
      await expectRefused(await postByHand({ programId, maxOutput: 1 << 30 }), 'JobRefusedError', /output/)
    })

    it('refuses a program that may use more memory than the job allows (decision 12)', async () => {
      const faults = await putProgram({ url: world.store, bytes: await loadProgram('faults') })
      await expectRefused(await postByHand({ programId: faults, maxPages: 255 }), 'JobRefusedError', /memory/)
    })

    it('refuses a program whose tasks may take more memory at a time than it offers (decision 16)', async () => {
      // 256 MiB where none is declared.
      const bytes = assemble('(module (memory (export "memory") 1) (func (export "run")))')
      const large = await putProgram({ url: world.store, bytes })
      const reason = /2 of its tasks.*256 MiB of memory each, 256 MiB are offered/
      await expectRefused(await postByHand({ programId: large, maxPages: 4_096 }), 'JobRefusedError', reason)
    })

    it('refuses another number of inputs than of tasks', async () => {
      await expectRefused(await postByHand({ programId, tasks: 3 }), 'JobDataMismatchError', /inputs/)
    })

    it('passes over a job that needs more than it has', async () => {
      const jobId = await postByHand({ programId, floor: { cores: 64, memoryMiB: 256, diskGiB: 0 } })
      const line = await provider.waitFor('passed-over', { jobId })
      expect(line.reason).to.match(/needs 64 cores.*offered 4/)
      await world.client().cancelSync({ jobId })
    })
  })

  it('goes on after all that', expectGoesOn)

  it('gets paid for tasks that never end: they are out of steps (decision 6)', async () => {
    const { jobId, run } = await world.post({
      program: await loadProgram('faults'),
      inputs: [faultInput('loop'), faultInput('echo'), faultInput('loop')],
      stepLimit: 10_000_000n,
    })
    const outputs = await within('the outputs', run.result())
    expect(outputs.map(({ status }) => status)).to.deep.equal(['outOfSteps', 'halted', 'outOfSteps'])
    expect(await world.job(jobId)).to.include({ status: 'settled', provider: world.address(PROVIDER) })
  })

  describe('whose tasks are too many', () => {
    it('fails the claim, and loses no more than lateness costs', async () => {
      await world.kill(provider)
      const late = await world.provider({ account: STRICT })
      // By hand: a requester that follows its job would be the one to end it. Too short for a look at its pace.
      const programId = await putProgram({ url: world.store, bytes: await loadProgram('faults') })
      const inputs = Array(200).fill(faultInput('loop'))
      const jobId = await postByHand({ programId, run: 10, tasks: inputs.length, maxPages: 256 }, inputs)
      const job = await world.job(jobId, 'final')
      expect(job.status).to.equal('failed')
      const { latenessBps } = await getParameters(world.client())
      const { stake } = await world.bondsFree(STRICT)
      const most = ((job.bond as bigint) * BigInt(latenessBps)) / 10_000n
      expect(100_000_000n - stake > 0n && 100_000_000n - stake <= most, `${stake} left`).to.equal(true)
      expect(late.child.exitCode).to.equal(null)
    })
  })
})

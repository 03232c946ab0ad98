import { expect } from 'chai'
import { getAddress, type Hex, toHex } from 'viem'
import {
  type AuditParameters,
  type AuditReport,
  audit,
  type ExecuteTask,
  renderAuditReport,
} from '../src/audit/index.ts'
import {
  contentHash,
  contentRef,
  encodeLeaves,
  inputsRoot,
  packInputs,
  resultTree,
  type TaskResult,
} from '../src/trees/index.ts'
import { programIdOf } from '../src/vm/programId.ts'
import { type AuditMarket, deployAuditMarket } from './helpers/auditMarket.ts'
import { startResultsServer } from './helpers/resultsServer.ts'
import { handMade } from './helpers/wasm.ts'

const text = (value: string) => new TextEncoder().encode(value)

const program = handMade()
const programId = programIdOf(program)
const shared = text('what all tasks share')
const inputs = ['one', 'two', 'three', 'four', 'five'].map(text)

/** Stands for a sandbox: the output is the input and the shared bytes in upper case; the fourth task traps. */
const execute: ExecuteTask = async (task) => {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  expect(task.programId).to.equal(programId)
  expect(Buffer.compare(task.program, program)).to.equal(0)
  const input = decode(task.input)
  if (input === 'four') return { status: 'trapped', exitCode: 0, output: text('lost'), steps: 4n }
  return {
    status: 'halted',
    exitCode: input.length,
    output: text((input + decode(task.shared)).toUpperCase()),
    steps: BigInt(100 + input.length),
  }
}

async function honestResults(): Promise<{ results: TaskResult[]; outputs: Uint8Array[] }> {
  const executions = await Promise.all(
    inputs.map((input) =>
      execute({ programId, program, input, shared }, { stepLimit: 1n, maxOutput: 1, maxPages: 1 }),
    ),
  )
  const outputs = executions.map(({ status, output }) => (status === 'halted' ? output : new Uint8Array()))
  const results = executions.map(({ status, exitCode, steps }, index) => {
    const { root, length } = contentRef(outputs[index]!)
    return { status, exitCode, outputRoot: root, outputLength: length, steps }
  })
  return { results, outputs }
}

describe('audit: published results', function () {
  this.timeout(20_000)

  let chain: AuditMarket
  let server: Awaited<ReturnType<typeof startResultsServer>>
  let snapshot: Hex
  let jobId: Hex

  const run = (parameters: AuditParameters = {}) =>
    audit(chain.client, { market: chain.market, ...parameters })
  const subjects = ({ findings }: AuditReport) =>
    findings.map(({ check, subject }) => `[${check}] ${subject.replaceAll(jobId, 'J')}`)

  /** Posts, claims and submits what `results` say, settled if asked. */
  async function submit(results: readonly TaskResult[], { settled = false } = {}): Promise<Hex> {
    const refs = inputs.map(contentRef)
    const id = await chain.post(chain.requester, {
      programId,
      inputsRoot: inputsRoot(refs),
      sharedInput: contentHash(contentRef(shared)),
      tasks: BigInt(inputs.length),
      dataUri: server.url,
    })
    await chain.send(chain.provider1, 'claim', id)
    const { root, totalSteps } = resultTree(results)
    await chain.send(chain.provider1, 'submit', id, root, totalSteps)
    if (settled) await chain.send(chain.requester, 'accept', id)
    return id
  }

  /** Serves leaves and outputs of a job. */
  function publish(id: Hex, results: readonly TaskResult[], outputs: readonly Uint8Array[]) {
    server.files.set(`/jobs/${id}/leaves`, encodeLeaves(results))
    server.files.set(`/jobs/${id}/outputs`, Buffer.concat(outputs))
  }

  function publishData() {
    server.files.set(`/programs/${programId}`, program)
    server.files.set(`/inputs/${inputsRoot(inputs.map(contentRef))}`, packInputs(inputs))
    server.files.set(`/content/${contentHash(contentRef(shared))}`, shared)
  }

  before(async () => {
    chain = await deployAuditMarket()
    server = await startResultsServer()
    await chain.fund(chain.requester, 100_000_000n)
    await chain.fund(chain.provider1, 500_000_000n)
    await chain.send(chain.provider1, 'stake', 400_000_000n)
    await chain.register(chain.provider1, server.url, { concurrency: 50 })
    snapshot = await chain.snapshot()
  })
  beforeEach(async () => {
    server.files.clear()
    server.asked.length = 0
    publishData()
    const { results, outputs } = await honestResults()
    jobId = await submit(results, { settled: true })
    publish(jobId, results, outputs)
  })
  afterEach(async () => {
    await chain.revert(snapshot)
    snapshot = await chain.snapshot()
  })
  after(async () => {
    await server.close()
    await chain.close()
  })

  describe('given a provider that serves what it submitted', () => {
    it('verifies leaves and outputs of settled and of submitted jobs', async () => {
      const { results, outputs } = await honestResults()
      publish(await submit(results), results, outputs)
      const report = await run()

      expect(report.findings).to.deep.equal([])
      expect(report.verdict).to.equal('solvent')
      expect(report.results).to.deep.equal({ jobs: 2, verified: 2, tasks: 10, outputs: 10 })
      expect(renderAuditReport(report)).to.match(/, no difference, 2 of 2 results verified$/)
      expect(report.notServed).to.deep.equal([])
      expect(report.executions).to.equal(undefined)
      const checked = Object.fromEntries(report.checks.map(({ name, checked }) => [name, checked]))
      expect([checked.results, checked.outputs]).to.deep.equal([2, 10])
    })

    it('executes a sample again and states which tasks it drew', async () => {
      const report = await run({ execute, sample: 3 })

      expect(report.findings).to.deep.equal([])
      const { executed, requested, seed, failed } = report.executions!
      expect([executed.length, requested, failed.length]).to.deep.equal([3, 3, 0])
      expect(seed).to.equal(report.block.hash)
      expect(new Set(executed.map(({ taskIndex }) => taskIndex)).size).to.equal(3)
      expect(renderAuditReport(report)).to.contain(`Executed 3 tasks again, of 3 asked for (seed ${seed})`)
    })

    it('draws the same tasks from the same seed, others from another', async () => {
      const drawn = async (seed: Hex) => (await run({ execute, sample: 2, seed })).executions!.executed
      const seeds = [1, 2, 3, 4].map((value) => toHex(value, { size: 32 }))
      const all = await Promise.all(seeds.map(drawn))

      expect(await drawn(seeds[0]!)).to.deep.equal(all[0])
      expect(new Set(all.map((tasks) => JSON.stringify(tasks))).size).to.be.greaterThan(1)
    })

    it('executes every task where the sample is larger than what there is', async () => {
      const report = await run({ execute, sample: 100 })

      expect(report.executions!.executed.map(({ taskIndex }) => taskIndex)).to.deep.equal([0, 1, 2, 3, 4])
      expect(report.findings).to.deep.equal([])
    })

    it('asks for nothing when no jobs are wanted', async () => {
      const report = await run({ jobs: [], execute })

      expect(server.asked).to.deep.equal([])
      expect(report.results).to.equal(undefined)
    })

    it('asks only for the jobs wanted', async () => {
      const { results, outputs } = await honestResults()
      const other = await submit(results)
      publish(other, results, outputs)
      await run({ jobs: [other.toUpperCase().replace('0X', '0x') as Hex] })

      expect(server.asked).to.deep.equal([`/jobs/${other}/leaves`, `/jobs/${other}/outputs`])
    })
  })

  describe('given a provider that lies', () => {
    it('finds one wrong byte of an output', async () => {
      const { results, outputs } = await honestResults()
      outputs[2]![7]! ^= 1
      publish(jobId, results, outputs)
      const report = await run()

      expect(report.verdict).to.equal('differences')
      expect(subjects(report)).to.deep.equal([
        `[outputs] job J, task 2: outputs served by ${getAddress(chain.provider1)}`,
      ])
      expect(report.findings[0]!.expected).to.contain(results[2]!.outputRoot)
    })

    it('finds outputs that end too early', async () => {
      const { results, outputs } = await honestResults()
      publish(jobId, results, outputs.slice(0, -1))

      expect(subjects(await run())).to.deep.equal([
        `[outputs] job J, task 4: outputs served by ${getAddress(chain.provider1)}`,
      ])
    })

    it('finds leaves that are not those submitted', async () => {
      const { results, outputs } = await honestResults()
      results[1]!.exitCode++
      publish(jobId, results, outputs)
      const report = await run({ execute })

      expect(report.verdict).to.equal('differences')
      expect(subjects(report)).to.deep.equal([
        `[results] job J: leaves served by ${getAddress(chain.provider1)}`,
      ])
      expect(report.results!.verified).to.equal(0)
      expect(report.executions!.executed).to.deep.equal([])
    })

    it('finds leaves of too few tasks', async () => {
      const { results, outputs } = await honestResults()
      publish(jobId, results.slice(1), outputs)

      expect(subjects(await run())).to.deep.equal([
        `[results] job J: leaves served by ${getAddress(chain.provider1)}`,
      ])
    })

    it('finds a result that the job does not allow', async () => {
      const { results, outputs } = await honestResults()
      results[0]!.outputLength = (1 << 20) + 1
      jobId = await submit(results)
      publish(jobId, results, outputs)

      expect(subjects(await run({ jobs: [jobId] }))).to.deep.equal([
        `[results] job J, task 0: leaves served by ${getAddress(chain.provider1)}`,
      ])
    })

    it('finds a submitted result that executing again does not give', async () => {
      const { results, outputs } = await honestResults()
      outputs[0] = text('invented')
      const { root, length } = contentRef(outputs[0])
      results[0] = { ...results[0]!, outputRoot: root, outputLength: length }
      results[3] = { ...results[0]! }
      outputs[3] = outputs[0]
      jobId = await submit(results)
      publish(jobId, results, outputs)

      expect((await run({ jobs: [jobId] })).findings).to.deep.equal([])
      const report = await run({ jobs: [jobId], execute, sample: 5 })
      expect(report.verdict).to.equal('differences')
      expect(subjects(report)).to.have.members([
        '[executions] job J, task 0: output length',
        '[executions] job J, task 0: output root',
        '[executions] job J, task 3: status',
        '[executions] job J, task 3: exit code',
        '[executions] job J, task 3: output length',
        '[executions] job J, task 3: output root',
        '[executions] job J, task 3: steps',
      ])
    })
  })

  describe('given contents that are not served', () => {
    it('lists leaves that are gone, which is no difference', async () => {
      server.files.delete(`/jobs/${jobId}/leaves`)
      const report = await run()

      expect(report.verdict).to.equal('solvent')
      expect(report.notServed).to.deep.equal([
        {
          jobId,
          what: 'leaves',
          url: server.url,
          reason: 'Provider does not serve the results of this job.',
        },
      ])
      expect(renderAuditReport(report)).to.contain('Not served, so not verified: 1')
    })

    it('lists outputs that are gone', async () => {
      server.files.delete(`/jobs/${jobId}/outputs`)
      const report = await run()

      expect(report.verdict).to.equal('solvent')
      expect(report.results).to.deep.equal({ jobs: 1, verified: 1, tasks: 5, outputs: 0 })
      expect(report.notServed.map(({ what }) => what)).to.deep.equal(['outputs'])
    })

    it('lists outputs that are too large to be downloaded', async () => {
      const report = await run({ maxOutputs: 10 })

      expect(report.notServed.map(({ what }) => what)).to.deep.equal(['outputs'])
      expect(server.asked).to.deep.equal([`/jobs/${jobId}/leaves`])
    })

    it('lists data that is gone, and executes nothing', async () => {
      server.files.delete(`/programs/${programId}`)
      const report = await run({ execute })

      expect(report.verdict).to.equal('solvent')
      expect(report.notServed.map(({ what, url }) => [what, url])).to.deep.equal([['data', server.url]])
      expect(report.executions!.executed).to.deep.equal([])
    })

    it('does not blame the provider for wrong bytes in the store of the requester', async () => {
      server.files.set(`/content/${contentHash(contentRef(shared))}`, text('what all tasks share!'))
      const report = await run({ execute })

      expect(report.verdict).to.equal('solvent')
      expect(report.notServed.map(({ what, reason }) => [what, reason])).to.deep.equal([
        ['data', 'Store served wrong bytes.'],
      ])
    })

    it('executes tasks of other jobs in place of one whose data is gone', async () => {
      const { results, outputs } = await honestResults()
      const id = await chain.post(chain.requester, { tasks: 5n, dataUri: `${server.url}/nothing` })
      await chain.send(chain.provider1, 'claim', id)
      const { root, totalSteps } = resultTree(results)
      await chain.send(chain.provider1, 'submit', id, root, totalSteps)
      publish(id, results, outputs)
      const report = await run({ execute, sample: 4 })

      expect(report.executions!.executed.map((task) => task.jobId)).to.deep.equal(Array(4).fill(jobId))
    })

    it('lists results of a provider whose endpoint is gone, and asks it three times at the most', async () => {
      const gone = await startResultsServer()
      await gone.close()
      await chain.register(chain.provider1, gone.url, { concurrency: 50 })
      const { results } = await honestResults()
      for (let count = 0; count < 6; count++) await submit(results)
      const report = await run()

      expect(report.verdict).to.equal('solvent')
      expect(report.notServed).to.have.lengthOf(7)
      const reasons = report.notServed.map(({ reason }) => reason)
      expect(reasons).to.include('the endpoint did not answer before')
      expect(new Set(reasons).size).to.equal(2)
    })

    it('lists results of a provider without an endpoint, or with one that is no URL', async () => {
      await chain.register(chain.provider1, '', { concurrency: 50 })
      expect((await run()).notServed[0]!.reason).to.equal('the provider named no endpoint')

      await chain.register(chain.provider1, 'file:///etc/passwd', { concurrency: 50 })
      expect((await run()).notServed[0]!.reason).to.equal('URL does not lead to a content store.')
    })

    it('does not let an endpoint write to the terminal', async () => {
      await chain.register(chain.provider1, 'http://\u001b[2Jevil', { concurrency: 50 })

      expect(renderAuditReport(await run())).not.to.match(/[^\P{C}\n]/u)
    })
  })

  describe('given a sandbox that fails', () => {
    it('lists the tasks and calls it no difference', async () => {
      const failing: ExecuteTask = async () => {
        throw new Error('out of memory')
      }
      const report = await run({ execute: failing, sample: 2 })

      expect(report.verdict).to.equal('solvent')
      expect(report.executions!.failed.map(({ reason }) => reason)).to.deep.equal([
        'out of memory',
        'out of memory',
      ])
      expect(renderAuditReport(report)).to.contain('Could not execute 2 tasks:')
    })
  })
})

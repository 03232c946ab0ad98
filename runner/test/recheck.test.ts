import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createExecutor } from '../src/executor/pool.ts'
import type { Executor, TaskOutcome } from '../src/executor/types.ts'
import { EnginesDifferError } from '../src/machine/errors.ts'
import { Journal } from '../src/provider/journal.ts'
import { recheck } from '../src/provider/recheck.ts'
import { endless, spin, word } from './helpers/programs.ts'
import { rejection } from './helpers/store.ts'

describe('recheck (decision 23)', () => {
  let executor: Executor
  let folder: string
  let journal: Journal
  let logged: [level: string, event: string][]
  before(() => {
    executor = createExecutor({ slots: 1, memoryPages: 4_096 })
  })
  beforeEach(() => {
    logged = []
    folder = mkdtempSync(join(tmpdir(), 'assay-recheck-'))
    journal = new Journal(folder)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })
  after(() => executor.close())

  const note = (level: string) => (fields: { event: string }) => logged.push([level, fields.event])
  const context = (recheckOneIn = 64) => ({
    executor,
    journal,
    log: { info: note('info'), error: note('error') } as never,
    limits: { recheckOneIn } as never,
  })
  const task = { ...spin, input: word(100), maxOutput: 100, stepLimit: 10_000n, wallTimeMs: 20_000 }

  it('is content where both engines say the same', async () => {
    await recheck(context(), task, await executor.run(task), true)
    expect(logged).to.deep.equal([])
    expect([...journal.interpretedPrograms()]).to.deep.equal([])
  })

  const changes: Partial<TaskOutcome>[] = [
    { steps: 1n },
    { status: 'trapped' },
    { exitCode: 1 },
    { outputRoot: `0x${'12'.repeat(32)}` },
    { outputLength: 3 },
  ]
  for (const change of changes) {
    const [field] = Object.keys(change)
    it(`raises the alarm at another ${field}`, async () => {
      const outcome = { ...(await executor.run(task)), ...change }
      const error = await rejection(recheck(context(), task, outcome, true), EnginesDifferError)
      expect(error.differences.map((difference) => difference.field)).to.deep.equal([field])
      expect(logged).to.deep.equal([['error', 'engines-differ']])
    })
  }

  it('has the program in the journal for good before it raises the alarm', async () => {
    const outcome = { ...(await executor.run(task)), steps: 1n }
    await rejection(recheck(context(), task, outcome, true), EnginesDifferError)
    journal.close()
    journal = new Journal(folder)
    const [[programId, reason] = []] = journal.interpretedPrograms()
    expect(programId).to.equal(task.programId)
    expect(reason).to.match(/steps.*native 1/)
  })

  it('draws one task in so many', async () => {
    const outcome = { ...(await executor.run(task)), steps: 1n }
    await rejection(recheck(context(1), task, outcome), EnginesDifferError)
    await recheck(context(Number.MAX_SAFE_INTEGER), task, outcome)
  })

  it('looks only at tasks that are drawn, and at those that the native engine ended', async () => {
    const outcome = { ...(await executor.run(task)), steps: 1n }
    await recheck(context(), task, outcome, false)
    await recheck(context(), task, { ...outcome, engine: 'fast' }, true)
    expect(logged).to.deep.equal([])
  })

  it('is given up where the interpreter takes too long', async () => {
    const long = { ...endless, input: word(0), maxOutput: 0, stepLimit: 2n ** 40n, wallTimeMs: 200 }
    const outcome = { ...(await executor.run(task)), wallMs: 0 }
    await recheck(context(), long, outcome, true)
    expect(logged).to.deep.equal([['info', 'recheck-skipped']])
  })
})

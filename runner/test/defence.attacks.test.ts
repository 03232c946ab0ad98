import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentRef, emptyRoot, inputsRoot, packInputs, resultTree, type TaskResult } from 'assay'
import type { DisputeClaim } from 'assay/dispute'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import { startChain, type TestChain } from '../../sdk/test/helpers/chain.ts'
import { fund, someTerms } from '../../sdk/test/helpers/jobs.ts'
import type { ProviderContext } from '../src/provider/context.ts'
import { providerKnowledge } from '../src/provider/defence.ts'
import { DiskStore } from '../src/store/disk.ts'
import { spin, word } from './helpers/programs.ts'

const result: TaskResult = {
  status: 'trapped',
  exitCode: 0,
  outputRoot: emptyRoot,
  outputLength: 0,
  steps: 5n,
}

describe('attacks on the defence of claims', () => {
  let chain: TestChain
  let folder: string
  before(async () => {
    chain = await startChain()
    folder = mkdtempSync(join(tmpdir(), 'assay-defence-'))
  })
  after(async () => {
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('should not wait for the executor, which is busy with other jobs', async () => {
    const { requester, provider } = await fund(chain)
    const tasks = [word(10), word(20)]
    const inputs = new DiskStore(folder)
    await inputs.put('programs', spin.program)
    await inputs.put('inputs', packInputs(tasks))
    const terms = await someTerms(chain, {
      programId: spin.programId,
      inputsRoot: inputsRoot(tasks.map((input) => contentRef(input))),
      tasks: 2,
    })
    const { jobId } = await requester.postSync({ terms })
    await provider.claimSync({ jobId })
    const { root, totalSteps } = resultTree([result, result])
    await provider.submitSync({ jobId, resultRoot: root, totalSteps })

    const never = () => new Promise<never>(() => {})
    const limits = { maxOutputBytes: 2 ** 30, maxSharedBytes: 2 ** 30, maxInputBytes: 2 ** 30 }
    const context = {
      client: provider,
      address: chain.accounts.provider.address,
      journal: {
        taskTotals: () => ({ tasks: 2 }),
        tasks: () => [0, 1].map((index) => ({ ...result, index })),
      },
      inputs,
      executor: { slots: 1, limits, check: never, run: never, interpret: never },
      limits: { taskWallTime: 600_000, maxProgram: 2 ** 25, maxShared: 2 ** 28, maxInputs: 2 ** 28 },
      log: { warn: () => {}, error: () => {} },
      signal: new AbortController().signal,
      chainTime: () => 0,
    } as unknown as ProviderContext
    const claim: DisputeClaim = {
      market: chain.market,
      jobId: jobId as Hex,
      provider: chain.accounts.provider.address,
      tasks: 2,
      termsHash: zeroHash,
    }
    const known = providerKnowledge(context)(claim)
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 5_000))
    expect(await Promise.race([known.then((knowledge) => knowledge?.rows.size), late])).to.equal(2)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DisputeBondTooSmallError, emptyRoot, encodeLeaves, resultTree, type TaskResult } from 'assay'
import { expect } from 'chai'
import type { Address, Hex } from 'viem'
import { startChain } from '../../sdk/test/helpers/chain.ts'
import { fund, jobsOf, units } from '../../sdk/test/helpers/jobs.ts'
import type { Disputes } from '../src/disputes/disputes.ts'
import { TaskTimeoutError } from '../src/executor/errors.ts'
import { Journal } from '../src/provider/journal.ts'
import { Challenges } from '../src/watcher/challenges.ts'
import { checkClaim } from '../src/watcher/check.ts'
import type { LoadedClaim, WatchContext } from '../src/watcher/context.ts'
import { WatchJournal } from '../src/watcher/journal.ts'

const jobId: Hex = `0x${'11'.repeat(32)}`
const truth: TaskResult = {
  status: 'trapped',
  exitCode: 0,
  outputRoot: emptyRoot,
  outputLength: 0,
  steps: 2n ** 36n,
}

describe('attacks on watchers', () => {
  let folder: string
  let journal: Journal
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-watch-'))
    journal = new Journal(folder)
  })
  afterEach(() => {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('should not call right what differs, where the interpreter is not done before the window ends', async () => {
    const context = {
      watched: new WatchJournal(journal),
      executor: {
        slots: 1,
        run: async () => ({ ...truth, output: new Uint8Array() }),
        interpret: async () => {
          throw new TaskTimeoutError({ programId: jobId, wallTimeMs: 600_000 })
        },
      },
      policy: { taskWallTime: 600_000 },
      signal: new AbortController().signal,
      log: { warn: () => {}, error: () => {} },
      chainTime: () => 0,
    } as unknown as WatchContext
    const claimed = { ...truth, steps: 7n }
    const { root, totalSteps } = resultTree([claimed])
    const claim = {
      jobId,
      terms: { programId: jobId, tasks: 1, stepLimit: 2n ** 36n, maxOutput: 100 },
      program: new Uint8Array(),
      shared: new Uint8Array(),
      inputs: [new Uint8Array()],
      resultRoot: root,
      totalSteps,
      rows: encodeLeaves([claimed]),
    } as unknown as LoadedClaim
    const { verdict } = await checkClaim(context, claim, [0], 1_000)
    expect(verdict).not.to.equal('right')
  })

  it('should go to court about what both engines say, where the native one is wrong elsewhere', async () => {
    const watched = new WatchJournal(journal)
    const inputs = [Uint8Array.of(0), Uint8Array.of(1)]
    const context = {
      watched,
      executor: {
        slots: 1,
        run: async ({ input }: { input: Uint8Array }) => ({ ...truth, steps: input[0] === 0 ? 9n : 8n }),
        interpret: async () => ({ ...truth, steps: 8n }),
      },
      policy: { taskWallTime: 600_000 },
      signal: new AbortController().signal,
      log: { warn: () => {}, error: () => {} },
      chainTime: () => 0,
    } as unknown as WatchContext
    const rows = [
      { ...truth, steps: 8n },
      { ...truth, steps: 7n },
    ]
    const { root, totalSteps } = resultTree(rows)
    const claim = {
      jobId,
      terms: { programId: jobId, tasks: 2, stepLimit: 2n ** 36n, maxOutput: 100 },
      program: new Uint8Array(),
      shared: new Uint8Array(),
      inputs,
      resultRoot: root,
      totalSteps,
      rows: encodeLeaves(rows),
    } as unknown as LoadedClaim
    expect(await checkClaim(context, claim, [0, 1], 1_000)).to.deep.equal({ verdict: 'wrong', task: 1 })
    // the driver goes to the first task whose own row is another one: that must be task 1
    const own = encodeLeaves([{ ...truth, steps: 8n }])
    expect(Buffer.compare(watched.tasks(jobId).get(0) as Uint8Array, own)).to.equal(0)
  })

  it('should get a challenge in where others open theirs before each attempt', async () => {
    const chain = await startChain()
    try {
      const { requester, provider } = await fund(chain)
      const { submitted } = jobsOf(chain, { requester, provider })
      const jobId = await submitted()
      const client = chain.client('keeper')
      await client.depositSync({ amount: units('100') })
      const bonds: bigint[] = []
      // accomplices of a liar see each attempt, and open as many games before it as it takes to make its bond too small
      const disputes = {
        follow: async () => chain.disputeGame,
        games: () => [],
        open: async (_game: Address, { bond }: { bond: bigint }) => {
          bonds.push(bond)
          throw new DisputeBondTooSmallError({ jobId, bond, needed: bond + 1n } as never)
        },
      } as unknown as Disputes
      let now = await chain.now()
      const context = {
        client,
        address: chain.accounts.keeper.address,
        log: { warn: () => {}, error: () => {}, info: () => {} },
        signal: new AbortController().signal,
        chainTime: () => now,
        watched: { setDone: () => {} },
      } as unknown as WatchContext
      const budget = 300_000n
      const challenges = new Challenges(context, disputes, budget)
      challenges.add(jobId)
      for (let attempt = 0; attempt < 9; attempt++) {
        await challenges.move()
        now += 31
      }
      expect(Number(bonds.at(-1)) / Number(bonds[0]), 'raised with each attempt').to.be.above(2)
      expect(bonds, 'no attempt is left out while the budget reaches').to.have.lengthOf(9)
      for (const bond of bonds) expect(bond <= budget).to.equal(true)
    } finally {
      await chain.close()
    }
  })
})

import { setTimeout } from 'node:timers/promises'
import {
  fetchJobData,
  fetchRows,
  getJobTerms,
  getLevel,
  getProvider,
  getResult,
  type MarketClient,
} from 'assay'
import {
  type ClaimKnowledge,
  createDisputeDriver,
  type DisputeDriver,
  type Game,
  memoryJournal,
  type TaskStates,
  TaskTrace,
} from 'assay/dispute'
import { translate } from 'assay/vm'
import { type Hex, keccak256 } from 'viem'
import { until } from './until.ts'

/** How a challenger of a true result plays: on, or not at all after its opening. */
export type Malice = 'plays' | 'sleeps'

/**
 * A challenger of a result that is right: it says that one task does something else, and plays with states of its own
 * making.
 */
export class FalseChallenge {
  readonly #driver: DisputeDriver
  readonly #jobId: Hex

  private constructor(driver: DisputeDriver, jobId: Hex) {
    this.#driver = driver
    this.#jobId = jobId
  }

  static async open(client: MarketClient, jobId: Hex, task: number): Promise<FalseChallenge> {
    const { hook: game } = await getLevel(client, { level: 'optimistic' })
    const knowledge = await falseKnowledge(client, jobId, task)
    const driver = createDisputeDriver({
      client,
      game,
      journal: memoryJournal(),
      knowledge: async () => knowledge,
    })
    await driver.sync()
    await driver.open({ jobId })
    await driver.sync()
    return new FalseChallenge(driver, jobId)
  }

  /** Looks at the game, and makes its moves unless it sleeps, until it is over. */
  async play(malice: Malice, timeout = 60_000): Promise<Game> {
    for (const end = performance.now() + timeout; performance.now() < end; await setTimeout(150)) {
      await this.#driver.sync()
      const game = this.game()
      if (game.status !== 'open') return game
      if (malice === 'plays') await this.#driver.move()
    }
    return this.game()
  }

  game(): Game {
    return this.#driver.games().findLast(({ position }) => position.claim.jobId === this.#jobId) as Game
  }
}

async function falseKnowledge(client: MarketClient, jobId: Hex, task: number): Promise<ClaimKnowledge> {
  const terms = await getJobTerms(client, { jobId })
  const { dataUri, programId, inputsRoot, sharedInput, tasks, stepLimit, maxOutput } = terms
  const { resultRoot, totalSteps, provider } = await getResult(client, { jobId })
  const { endpoint } = await getProvider(client, { address: provider })
  const data = await fetchJobData({ dataUri, programId, inputsRoot, sharedInput, tasks })
  // The provider serves them once it has seen its own submission.
  const published = await until('the leaves to be served', () =>
    fetchRows({ endpoint, jobId, tasks, resultRoot, totalSteps }).catch(() => undefined),
  )
  const size = published.length / tasks
  const row = published.slice(task * size, (task + 1) * size)
  // Another output.
  row[10] = (row[10] as number) ^ 1
  const program = translate(data.program)
  const trace = (index: number): TaskStates => {
    const input = data.inputs[index] as Uint8Array
    const honest = new TaskTrace({ program, input, shared: data.shared, stepLimit, maxOutput })
    return {
      hashesAt: async (steps) => {
        const states = await honest.hashesAt(steps)
        return states.map((state, i) => ((steps[i] as bigint) > 100n ? keccak256(state) : state))
      },
      witnessAt: (step) => honest.witnessAt(step),
    }
  }
  const { inputs, shared } = data
  return { terms, program, inputs, shared, rows: new Map([[task, row]]), published, trace }
}

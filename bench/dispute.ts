/**
 * What a whole dispute costs: bench/dispute.json.
 *
 *   npm run bench:dispute            measure and write
 *   npm run bench:dispute -- --dry   measure and show
 *
 * One task of a thousand is claimed to have halted, where it runs until its limit of 10^6, 10^9 or 2^40 steps; the trace
 * told for it is true up to a step in the middle. The challenge begins at the published row. Every transaction is a real
 * one. Both sides execute the task, but of 2^40 steps: that program waits in one instruction, so that its state after any
 * number of steps is known. Seconds are the processor's, of both sides and the chain together, the challenger's first execution
 * of the task included.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Hash, keccak256, numberToHex } from 'viem'
import {
  type ClaimKnowledge,
  createDisputeDriver,
  memoryJournal,
  type TaskStates,
  TaskTrace,
} from '../sdk/src/dispute/index.ts'
import {
  contentHash,
  contentRef,
  emptyContent,
  inputsRoot,
  type MarketClient,
  type TaskResult,
} from '../sdk/src/index.ts'
import { type MachineTask, translate, witness } from '../sdk/src/vm/index.ts'
import { ReferenceMachine } from '../sdk/src/vm/reference/machine.ts'
import { endedHash, nothing, programIdOfImage } from '../sdk/src/vm/state.ts'
import { startChain } from '../sdk/test/helpers/chain.ts'
import { fileOf, rootOf, rowsOf } from '../sdk/test/helpers/disputes.ts'
import { fund, someTerms, units } from '../sdk/test/helpers/jobs.ts'
import { assemble } from '../sdk/test/helpers/wasm.ts'

const FILE = new URL('dispute.json', import.meta.url)
const tasks = 1_000
/** What the game may take at most: gas of both sides together at 2^40 steps, gas of an opening, seconds at 10^9 steps. */
const goals = { gas: 1_500_000, opening: 120_000, seconds: 60 }
const task = 617

/** Writes all over a page of memory, for ever. */
const busy = `(module (memory (export "memory") 1 1)
  (func (export "run") (local $i i64)
    (loop $next
      (i64.store (i32.and (i32.wrap_i64 (i64.mul (local.get $i) (i64.const 0x9e3779b97f4a7c15))) (i32.const 0xfff8)) (local.get $i))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next))))`
/** Jumps to where it is, for ever. */
const waiting = `(module (memory (export "memory") 1 1) (func (export "run") (loop (br 0))))`

type Figures = {
  rounds: number
  gasProvider: number
  gasChallenger: number
  gasOpening: number
  seconds: number
}

/** Whether the figures are only shown; ends the process where the arguments are others. */
function isDry(): boolean {
  try {
    return parseArgs({ options: { dry: { type: 'boolean', default: false } } }).values.dry
  } catch (error) {
    console.error(`${(error as Error).message}\n\nUsage: npm run bench:dispute [-- --dry]`)
    process.exit(2)
  }
}

/** The states of a program that waits: after some steps nothing changes but their number. */
function statesOfWaiting(machineTask: MachineTask): TaskStates {
  const settled = 100
  const at = (step: bigint) => {
    const machine = new ReferenceMachine(machineTask).runTo(Number(step < settled ? step : settled))
    if (step > settled) machine.steps = step
    if (step < machineTask.stepLimit) return machine
    const steps = machineTask.stepLimit
    machine.ending = { status: 'outOfSteps', ...nothing, steps }
    return machine
  }
  return {
    hashesAt: async (steps) => steps.map((step) => at(step).stateHash()),
    witnessAt: async (step) => witness(at(step)),
  }
}

/** States that are true up to a step, made up from there, and come to the claimed end. */
function statesOfLiar(truth: TaskStates, claimed: TaskResult, divergence: bigint): TaskStates {
  const end = endedHash({ ...claimed, outputLength: Number(claimed.outputLength) })
  return {
    witnessAt: truth.witnessAt,
    hashesAt: async (steps) => {
      const known = await truth.hashesAt(steps.filter((step) => step <= divergence))
      return steps.map((step, index) => {
        if (step <= divergence) return known[index]!
        return step >= claimed.steps ? end : keccak256(numberToHex(step))
      })
    },
  }
}

async function measure(
  text: string,
  stepLimit: bigint,
  statesOf: (task: MachineTask) => TaskStates,
): Promise<Figures> {
  const chain = await startChain()
  const { requester, provider } = await fund(chain)
  const [keeper, eve] = [chain.client('keeper'), chain.client('eve')]
  for (const client of [keeper, eve]) await client.depositSync({ amount: units('100') })

  const program = translate(assemble(text))
  const inputs = Array.from({ length: tasks }, (_, index) => Uint8Array.of(index >> 8, index))
  const claimTerms = {
    programId: programIdOfImage(program),
    inputsRoot: inputsRoot(inputs.map((input) => contentRef(input))),
    sharedInput: contentHash(emptyContent),
    stepLimit,
    maxOutput: 100,
    maxPages: 256,
  }
  const shared = new Uint8Array(0)
  const machineTask: MachineTask = { program, input: inputs[task]!, shared, stepLimit, maxOutput: 100 }
  const own: TaskResult = { status: 'outOfSteps', ...nothing, steps: stepLimit }
  const claimed: TaskResult = { ...own, status: 'halted', outputRoot: keccak256('0x01'), outputLength: 8 }
  const published = rowsOf(Array.from({ length: tasks }, (_, index) => (index === task ? claimed : own)))

  const submitted = async () => {
    const terms = await someTerms(chain, { ...claimTerms, tasks, window: 600 })
    const { jobId } = await requester.postSync({ terms })
    await provider.claimSync({ jobId })
    await provider.submitSync({ jobId, ...rootOf(published) })
    return jobId
  }
  // the game holds a bond already: its word in the ledger is not a new one
  await eve.openChallengeSync({ jobId: await submitted() })
  const jobId = await submitted()
  const spent = new Map<MarketClient, number>([provider, keeper].map((client) => [client, 0]))
  const player = (client: MarketClient, known: ClaimKnowledge) =>
    createDisputeDriver({
      client,
      game: chain.disputeGame,
      journal: memoryJournal(),
      knowledge: async (claim) => (claim.jobId === jobId ? known : undefined),
    })

  const gasOf = async (hash: Hash) => Number((await keeper.getTransactionReceipt({ hash })).gasUsed)
  const takeBack = await chain.snapshot()
  const gasOpening = await gasOf(await eve.openChallenge({ jobId }))
  await takeBack()

  const started = process.cpuUsage()
  const truth = { terms: claimTerms, program, inputs, shared }
  const [honest, told] = [statesOf(machineTask), statesOf(machineTask)]
  await honest.hashesAt([stepLimit])
  const divergence = (stepLimit * 618n) / 1_000n
  const liar = player(provider, {
    ...truth,
    rows: published,
    trace: () => statesOfLiar(told, claimed, divergence),
  })
  const rows = new Map([[task, rowsOf([own]).get(0)!]])
  const watcher = player(keeper, { ...truth, rows, published: fileOf(published), trace: () => honest })
  await watcher.sync()
  await watcher.open({ jobId })
  for (let round = 0; round < 20 && watcher.games().every(({ status }) => status === 'open'); round++)
    for (const driver of [liar, watcher]) {
      await driver.sync()
      for (const { error } of await driver.move()) if (error !== undefined) throw error
      await watcher.sync()
    }
  const { user, system } = process.cpuUsage(started)

  const game = watcher.games().at(-1)
  if (game?.reason !== 'wrongStep' || game.position.node.from !== divergence)
    throw new RangeError(`the game ended otherwise: ${game?.status} ${game?.reason}`)
  const newest = Number(await keeper.getBlockNumber({ cacheTime: 0 }))
  for (let number = newest; number >= Number(game.path[0]!.blockNumber); number--) {
    const block = await keeper.getBlock({ blockNumber: BigInt(number), includeTransactions: true })
    for (const { hash, from } of block.transactions)
      for (const client of spent.keys())
        if (client.account!.address.toLowerCase() === from.toLowerCase())
          spent.set(client, spent.get(client)! + (await gasOf(hash)))
  }
  await chain.close()
  return {
    rounds: game.posts,
    gasProvider: spent.get(provider)!,
    gasChallenger: spent.get(keeper)!,
    gasOpening,
    seconds: Number(((user + system) / 1e6).toFixed(1)),
  }
}

const dry = isDry()
const execute = (machineTask: MachineTask) => new TaskTrace(machineTask)
const figures = {
  '10^6': await measure(busy, 10n ** 6n, execute),
  '10^9': await measure(busy, 10n ** 9n, execute),
  '2^40': await measure(waiting, 2n ** 40n, statesOfWaiting),
}
console.log(JSON.stringify(figures, null, 2))
const { gasProvider, gasChallenger, gasOpening } = figures['2^40']
const missed = [
  ...(gasProvider + gasChallenger > goals.gas ? [`${gasProvider + gasChallenger} gas of both sides`] : []),
  ...(gasOpening > goals.opening ? [`${gasOpening} gas of an opening`] : []),
  ...(figures['10^9'].seconds > goals.seconds ? [`${figures['10^9'].seconds} seconds`] : []),
]
for (const figure of missed) console.error(`above its goal: ${figure}`)
if (missed.length > 0) process.exitCode = 1
if (!dry) writeFileSync(FILE, `${JSON.stringify(figures, null, 2)}\n`)

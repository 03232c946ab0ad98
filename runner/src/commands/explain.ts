import { fetchJobData, getJobTerms, type JobTerms, type MarketClient } from 'assay'
import {
  type Game,
  type NodePosting,
  postingsOnPath,
  readStates,
  splitPoints,
  TaskTrace,
} from 'assay/dispute'
import { type Program, type TraceStep, trace, translate } from 'assay/vm'
import type { Hex } from 'viem'
import type { MarketDisputes } from '../cli/games.ts'
import { grouped, table } from '../cli/output.ts'
import { functionText } from '../cli/places.ts'
import { stepValuesText } from '../cli/steps.ts'
import { dataLimits } from './limits.ts'

/** What one's own execution of the disputed task says about a game: as JSON, and in words. */
export type Explanation = { json: object; text: string }

type Round = {
  from: bigint
  to: bigint
  /** How many states the provider posted; null where it posted nothing. */
  posted: number | null
  /** The first step after which what it says is not so; null where all of it is. */
  firstWrong: bigint | null
}

/**
 * Executes the disputed task again and compares: round by round where the provider's states leave the true ones, and at last
 * the one instruction in dispute.
 *
 * @throws store errors, ProgramError, FastMachineError
 */
export async function explain(
  client: MarketClient,
  game: Game,
  { postings }: MarketDisputes,
): Promise<Explanation> {
  const entered = game.path.find(({ node }) => node.isTrace)
  if (entered === undefined) {
    const text = 'It has not come to a task: what is in dispute is a part of the result tree.'
    return { json: { task: null }, text }
  }
  const { jobId } = game.position.claim
  const index = entered.node.index
  const terms = await getJobTerms(client, { jobId })
  const task = await taskOf(terms, index)
  const states = new TaskTrace(task)
  const posted = postingsOnPath(game, postings)
  const rounds: Round[] = []
  for (const [i, { node }] of game.path.entries()) {
    if (!node.isTrace || node.to - node.from === 1n) continue
    const points = splitPoints(node)
    const own = await states.hashesAt(points)
    rounds.push(roundOf(points, statesSaid(node, posted[i]), own))
  }
  const { node } = game.position
  const last = node.isTrace && node.to - node.from === 1n ? await stepOf(task, node) : null
  const sections = [
    `Task ${index} is said to end after ${grouped(entered.node.steps)} steps.`,
    ...(rounds.length === 0 ? [] : [table(['Steps', 'Posted', 'Wrong from'], rounds.map(roundRow))]),
    ...(last === null ? [] : [last.text]),
  ]
  return { json: { task: index, rounds, step: last?.json ?? null }, text: sections.join('\n\n') }
}

type Task = { program: Program; input: Uint8Array; shared: Uint8Array; stepLimit: bigint; maxOutput: number }

async function taskOf(terms: JobTerms, index: number): Promise<Task> {
  const { dataUri, programId, inputsRoot, sharedInput, tasks, stepLimit, maxOutput } = terms
  const { program: maxProgram, shared: maxShared, inputs: maxInputs } = dataLimits
  const limits = { maxProgram, maxShared, maxInputs }
  const data = await fetchJobData({ dataUri, programId, inputsRoot, sharedInput, tasks, limits })
  const input = data.inputs[index] as Uint8Array
  return { program: translate(data.program), input, shared: data.shared, stepLimit, maxOutput }
}

type TraceNode = Game['position']['node']

/** All states of a node that the provider answers for: those it posted, between those the node begins and ends with. */
function statesSaid(node: TraceNode, posting: (NodePosting & { data: Hex }) | undefined): Hex[] | null {
  return posting === undefined ? null : readStates(node, posting.data)
}

function roundOf(points: readonly bigint[], said: readonly Hex[] | null, own: readonly Hex[]): Round {
  const wrong = said?.findIndex((state, i) => state !== own[i]) ?? -1
  return {
    from: points[0] as bigint,
    to: points.at(-1) as bigint,
    posted: said === null ? null : said.length - 2,
    firstWrong: wrong < 0 ? null : (points[wrong] as bigint),
  }
}

function roundRow({ from, to, posted, firstWrong }: Round): string[] {
  return [
    `${grouped(from)}–${grouped(to)}`,
    posted === null ? 'nothing' : `${posted} states`,
    firstWrong === null ? '' : `step ${grouped(firstWrong)}`,
  ]
}

/** The one step in dispute: what it does, and what each side says comes after it. */
async function stepOf(task: Task, { from, to, start, end }: TraceNode): Promise<Explanation> {
  const { steps, last, ending } = trace({ task, from, to, withStates: true })
  const [step] = steps
  const own = last.stateHash as Hex
  const before = step?.stateHash ?? own
  const lines = [
    ...(step === undefined
      ? [`In step ${grouped(from)} the task has ended before: a machine that has ended stays as it is.`]
      : describe(step)),
    ...(ending !== undefined && step !== undefined ? [`With it the task ends: ${ending.status}.`] : []),
    `State before, said:    ${start}${before === start ? '' : '  (is another)'}`,
    `State before, is:      ${before}`,
    `State after, said:     ${end}`,
    `State after, is:       ${own}${own === end ? '  (the same: the result is right here)' : ''}`,
  ]
  const json = {
    step: from,
    ...(step !== undefined && {
      pc: step.pc,
      function: step.function ?? null,
      instruction: step.instruction,
      reads: step.reads.map(({ name, text }) => ({ name, text })),
      writes: step.writes.map(({ name, text }) => ({ name, text })),
    }),
    before: { said: start, is: before },
    after: { said: end, is: own },
  }
  return { json, text: lines.join('\n') }
}

function describe(step: TraceStep): string[] {
  const { step: number, pc, instruction } = step
  return [
    `Step ${grouped(number)}, at ${pc} in ${functionText(step.function)}:`,
    `  ${instruction}   ${stepValuesText(step)}`,
  ]
}

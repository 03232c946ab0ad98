import type { Ending, MachineTask } from '../../sdk/src/vm/engine.ts'
import { FastMachine } from '../../sdk/src/vm/fast/machine.ts'
import type { Program } from '../../sdk/src/vm/index.ts'
import { pageSize } from '../../sdk/src/vm/isa.ts'
import { type NativeEnding, nativeModules, runBuild } from '../../sdk/src/vm/native/index.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import type { Random } from '../../sdk/test/helpers/vmStates.ts'

/** What a program did, for who wants to know whether programs do enough. */
export type ProgramReport = { ending: string; steps: number; states: number; limits: number }

/** Engines that do not agree. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError'
}

const machine = new FastMachine()
const stepLimit = 20_000n
/** States at random whose hashes are compared, besides the last that still runs, and limits that end the program earlier. */
const statesPerProgram = 6
const limitsPerProgram = 4

/**
 * Runs a program on all engines: endings, outputs and steps, what is left in memory, hashes of states on the way, and the same with
 * limits that end it earlier.
 * @throws {DisagreementError}
 */
export function checkProgram(program: Program, random: Random): ProgramReport {
  const job: MachineTask = {
    program,
    input: random.bytes(random.below(600)),
    shared: random.bytes(random.below(300)),
    stepLimit,
    maxOutput: random.pick([0, 300, 70_000, 70_000, 2 ** 20]),
  }
  const { ending, memory } = runReference(job)
  const { steps } = ending
  const drawn = Array.from({ length: statesPerProgram }, () => random.below(Number(steps) + 2))
  const states = [...drawn, Number(steps) - 1].sort((a, b) => a - b)
  const slow = new ReferenceMachine(job)
  machine.load(job)
  for (const step of states) {
    const [left, right] = [slow.runTo(step).stateHash(), machine.runTo(BigInt(step)).stateHash()]
    if (left !== right) throw new DisagreementError(`state ${step} of ${steps}: ${left}, fast ${right}`)
  }
  expectSame('fast', ending, machine.finish())
  expectMemory('fast', memory, machine.readMemory(0, machine.pages * pageSize))
  expectNative(job, ending, memory)

  for (let i = 0; i < limitsPerProgram; i++) {
    const limit = 1n + BigInt(random.below(Number(steps)))
    const limited = { ...job, stepLimit: limit }
    const expected = limit < steps ? outOfSteps(limit, ending) : ending
    expectSame(`fast, limit ${limit}`, expected, machine.load(limited).finish())
    expectNative(limited, expected, memory)
  }
  return {
    ending: `${ending.status} ${ending.trap ?? ''}`.trim(),
    steps: Number(steps),
    states: states.length,
    limits: limitsPerProgram,
  }
}

function runReference(job: MachineTask): { ending: Ending; memory: Uint8Array } {
  const machine = new ReferenceMachine(job)
  while (machine.ending === undefined) machine.step()
  const { ending } = machine
  return {
    ending: { ...ending, output: machine.output.read(0, ending.outputLength) },
    memory: machine.memory.read(0, machine.memorySize),
  }
}

function outOfSteps(steps: bigint, { outputRoot }: Ending): Ending {
  const output = new Uint8Array(0)
  return { status: 'outOfSteps', exitCode: 0, output, outputRoot, outputLength: 0, steps }
}

function expectSame(name: string, left: Ending, right: Ending): void {
  const isHalted = left.status === 'halted'
  const same =
    left.status === right.status &&
    left.steps === right.steps &&
    left.exitCode === right.exitCode &&
    left.trap === right.trap &&
    left.outputLength === right.outputLength &&
    (!isHalted || left.outputRoot === right.outputRoot) &&
    Buffer.compare(left.output, right.output) === 0
  if (!same) throw new DisagreementError(`reference ${endingText(left)}; ${name} ${endingText(right)}`)
}

function expectMemory(name: string, left: Uint8Array, right: Uint8Array): void {
  if (Buffer.compare(left, right) === 0) return
  const at = left.findIndex((byte, index) => byte !== right[index])
  throw new DisagreementError(
    left.length === right.length
      ? `memory at ${at}: reference ${left[at]}, ${name} ${right[at]}`
      : `memory of ${left.length} bytes, ${name} ${right.length}`,
  )
}

/**
 * Both builds. Where the fast one traps, nothing follows but that the program does not halt within its limit. Where steps run out
 * V8 notices later, with more in memory.
 */
function expectNative(job: MachineTask, expected: Ending, memory: Uint8Array): void {
  const modules = nativeModules(job.program as Program)
  const run = (module: WebAssembly.Module) => {
    const memories: (WebAssembly.Memory | undefined)[] = []
    const found = runBuild(module, job, (memory) => memories.push(memory))
    return { found, left: new Uint8Array(memories[0]?.buffer ?? new ArrayBuffer(0)) }
  }
  const fast = run(modules.fast)
  const isOpen = fast.found.status === 'trapped' && expected.status !== 'halted'
  for (const build of [...(isOpen ? [] : [fast]), run(modules.precise())]) {
    const { found, left } = build
    const name = build === fast ? 'native (fast build)' : 'native'
    const same =
      found.status === expected.status &&
      found.steps === expected.steps &&
      (found.status !== 'halted' ||
        (found.exitCode === expected.exitCode && Buffer.compare(found.output, expected.output) === 0))
    if (!same)
      throw new DisagreementError(
        `limit ${job.stepLimit}: reference ${endingText(expected)}; ${name} ${endingText(found)}`,
      )
    if (expected.status !== 'outOfSteps') expectMemory(name, memory, left)
  }
}

function endingText(ending: Ending | NativeEnding): string {
  if (ending.status === 'failed') return `failed: ${ending.reason}`
  const { status, steps } = ending
  if (status === 'halted') {
    const bytes = Buffer.from(ending.output)
    const shown =
      bytes.length > 64 ? `${bytes.subarray(-64).toString('hex')} at its end` : bytes.toString('hex')
    return `halted with ${ending.exitCode} after ${steps} steps, output of ${bytes.length} bytes ${shown}`
  }
  const reason = 'trap' in ending ? ending.trap : 'reason' in ending ? ending.reason : undefined
  return `${status}${reason === undefined ? '' : ` (${reason})`} after ${steps} steps`
}

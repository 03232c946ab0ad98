/** What may be wrong about a result: each a version of it, of which the provider or a challenger may say that it is true. */
import { contentRef, emptyRoot } from '../../sdk/src/trees/index.ts'
import { FastMachine, type MachineTask, translate } from '../../sdk/src/vm/index.ts'
import { assemble } from '../../sdk/test/helpers/wasm.ts'
import { inputOf, LIMITS, type Limits, machineTask, SHARED } from '../helpers/disputeProgram.ts'
import {
  lieAbout,
  type Row,
  type Truth,
  trueTrace,
  type Version,
  versionOf,
} from '../helpers/disputeVersions.ts'

/** The task that is lied about: three times round, so that its trace takes two rounds. */
export const TASK = 2

export interface Lie {
  title: string
  limits?: Partial<Limits>
  version: (truth: Truth) => Version
}

/** A row with what a version says of its steps up to the truth's end, and no further. */
const about = (change: (row: Row) => Partial<Row>, until: (steps: bigint) => bigint) => (truth: Truth) => {
  const row = truth.rows[TASK] as Row
  return lieAbout(truth, TASK, change(row), until(row.steps))
}

/** Everything about a task as another execution has it. */
const asIf =
  (task: () => MachineTask) =>
  (truth: Truth): Version => {
    const other = trueTrace(task())
    return versionOf({
      rows: truth.rows.map((row, i) => (i === TASK ? other.row : row)),
      traces: (i) => (i === TASK ? other : truth.trace(i)),
    })
  }

const OUTPUT = new FastMachine().load(machineTask(inputOf(TASK))).runTo(LIMITS.stepLimit).ending?.output

/** The output with one bit of one byte another. */
function withByte(byte: number): Partial<Row> {
  const output = Uint8Array.from(OUTPUT as Uint8Array)
  output[byte] = (output[byte] as number) ^ 1
  return { outputRoot: contentRef(output).root }
}

const NOTHING = { exitCode: 0, outputRoot: emptyRoot as string, outputLength: 0n }
const TRAPPED = { status: 2, ...NOTHING }
const OUT_OF_STEPS = { status: 3, ...NOTHING }
const HALTED = { status: 1 }

/** Stops at once, with another output. */
const another = () =>
  translate(
    assemble(`(module
      (import "assay" "output_write" (func $write (param i32 i32)))
      (memory (export "memory") 1 2)
      (func (export "run") (local i32)
        (loop $next (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9))))
        (i32.store (i32.const 0) (local.get 0))
        (call $write (i32.const 0) (i32.const 4))))`),
  )

const half = (steps: bigint) => steps / 2n
const all = (steps: bigint) => steps - 1n
const mixed = inputOf(TASK).map((byte, i) => (i === 1 ? byte ^ 0x80 : byte)) as Uint8Array<ArrayBuffer>

/** Lies that only executing the task tells from the truth. */
export const LIES: Lie[] = [
  { title: 'the first byte of an output', version: about(() => withByte(0), half) },
  { title: 'the last byte of an output', version: about(() => withByte(55), all) },
  // the same root: the tree is filled up with zeros
  {
    title: 'a length of one more zero',
    version: about((row) => ({ outputLength: row.outputLength + 1n }), all),
  },
  { title: 'a length of one less', version: about((row) => ({ outputLength: row.outputLength - 1n }), half) },
  { title: 'an empty output', version: about(() => NOTHING, half) },
  { title: 'an exit code', version: about(() => ({ exitCode: 1 }), all) },
  { title: 'a trap where the task halts', version: about(() => TRAPPED, half) },
  {
    title: 'a halt where the task traps',
    limits: { maxOutput: 50 },
    version: about(
      () => ({ ...HALTED, outputRoot: contentRef(Uint8Array.of(1)).root, outputLength: 1n }),
      all,
    ),
  },
  {
    title: 'no more steps where the task halts',
    version: about(() => ({ ...OUT_OF_STEPS, steps: LIMITS.stepLimit }), half),
  },
  {
    title: 'a halt where the steps are too few',
    limits: { stepLimit: 50n },
    version: about(
      () => ({ ...HALTED, outputRoot: contentRef(Uint8Array.of(1)).root, outputLength: 1n }),
      all,
    ),
  },
  {
    title: 'a trap where the steps are too few',
    limits: { stepLimit: 50n },
    version: about(() => ({ ...TRAPPED, steps: 49n }), half),
  },
  {
    title: 'a step more',
    version: about(
      (row) => ({ steps: row.steps + 1n }),
      (steps) => steps,
    ),
  },
  { title: 'a step more, somewhere inside', version: about((row) => ({ steps: row.steps + 1n }), half) },
  {
    title: 'a step less',
    version: about(
      (row) => ({ steps: row.steps - 1n }),
      (steps) => steps - 2n,
    ),
  },
  { title: 'a step less, somewhere inside', version: about((row) => ({ steps: row.steps - 1n }), half) },
  {
    title: 'a truncated run',
    version: about(
      (row) => ({ steps: row.steps / 2n, ...NOTHING }),
      (steps) => steps / 2n - 1n,
    ),
  },
  {
    title: 'a run of one step',
    version: about(
      () => ({ steps: 1n, ...NOTHING }),
      () => 0n,
    ),
  },
  {
    title: 'a run that goes on after its end',
    version: about(
      () => ({ steps: LIMITS.stepLimit }),
      (steps) => steps + 100n,
    ),
  },
  {
    title: 'another program',
    version: asIf(() => ({ ...machineTask(inputOf(TASK)), program: another() })),
  },
  { title: 'another input', version: asIf(() => machineTask(mixed)) },
  {
    title: "another task's input",
    version: asIf(() => machineTask(inputOf(4))),
  },
  {
    title: 'another shared input',
    version: asIf(() =>
      machineTask(
        inputOf(TASK),
        LIMITS,
        SHARED.map((byte) => byte ^ 1),
      ),
    ),
  },
  {
    title: 'another limit of its output',
    version: asIf(() => machineTask(inputOf(TASK), { ...LIMITS, maxOutput: 40 })),
  },
]

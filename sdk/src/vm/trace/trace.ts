import type { Hex } from 'viem'
import { low32 } from '../bytes.ts'
import type { Ending, Job } from '../engine.ts'
import { FastMachine } from '../fast/machine.ts'
import { type Opcode, opcodeOf } from '../isa.ts'
import { disassemble } from '../lower/disassemble.ts'
import type { Program } from '../program.ts'
import { readWord, repeating, type Word, writesSlot } from '../word.ts'
import { type FunctionPlace, functionFinder } from './functions.ts'
import {
  kindOf,
  type NamedValue,
  named,
  operandBits,
  slotWritten,
  type Values,
  valuesRead,
} from './operands.ts'

/** Memory that an instruction addresses. */
export type MemoryTouched = { access: 'read' | 'write'; address: number; length: number }

/** One step: the instruction that leads from state `step` to state `step + 1`. */
export type TraceStep = {
  /** Steps that were done before. */
  step: bigint
  pc: number
  /** Undefined in the stub that calls the entry. */
  function: FunctionPlace | undefined
  /** As `disassemble` writes it. */
  instruction: string
  reads: NamedValue[]
  memory: MemoryTouched[]
  writes: NamedValue[]
  /** Instructions that take several steps: bytes that were moved before and after this one. */
  moved?: { from: number; to: number }
  /** pc of the next instruction where it is not the following one. */
  jump?: number
  /** Hash of the state before the step, where it was asked for. */
  stateHash?: Hex
}

export type Trace = {
  steps: TraceStep[]
  /** How the task ended, if it did within or before the traced steps. */
  ending: Ending | undefined
  /** State in which the trace ends: its number, and its hash where it was asked for. */
  last: { step: bigint; stateHash?: Hex }
}

export type TraceParameters = {
  /** What `translate` gave, with inputs and limits. */
  job: Job & { program: Program }
  /** First and last state: steps that were taken. */
  from: bigint
  to: bigint
  /**
   * Whether to hash each state.
   * @default false
   */
  withStates?: boolean
}

/**
 * The steps of a task between two of its states, as people read them. The fast machine goes to the first state at full
 * speed and then on step by step. Fewer steps than asked for where the task ends before.
 *
 * @throws {FastMachineError} if the host gives no memory for the task
 */
export function trace({ job, from, to, withStates = false }: TraceParameters): Trace {
  const machine = new FastMachine().load(job).runTo(from)
  const functionAt = functionFinder(job.program)
  const steps: TraceStep[] = []
  const hashed = () => (withStates ? { stateHash: machine.stateHash() } : {})
  while (machine.ending === undefined && machine.steps < to) {
    const before = { step: machine.steps, pc: machine.pc, ...hashed() }
    const step = takeStep(machine, job.program)
    steps.push({
      ...before,
      function: functionAt(before.pc),
      instruction: disassemble(job.program.code, before.pc),
      ...step,
    })
  }
  return { steps, ending: machine.ending, last: { step: machine.steps, ...hashed() } }
}

type StepTaken = Pick<TraceStep, 'reads' | 'memory' | 'writes' | 'moved' | 'jump'>

/** Lets the machine take a step, and tells what it read and wrote. */
function takeStep(machine: FastMachine, program: Program): StepTaken {
  const { pc, rep } = machine
  const word = readWord(program.code, pc)
  const opcode = opcodeOf[word.op]
  const values = valuesOf(machine)
  machine.runTo(machine.steps + 1n)
  if (opcode === undefined) return { reads: [], memory: [], writes: [] }
  const reads = valuesRead(word, opcode, values, program)
  const memory = memoryTouched(word, opcode, values)
  const { ending } = machine
  if (ending !== undefined && ending.status !== 'outOfSteps') return { reads, memory, writes: [] }
  const repeats = repeating.has(opcode.form)
  return {
    reads,
    memory,
    writes: valuesWritten(word, opcode, { before: values, machine, pc, program }),
    ...(repeats && { moved: { from: rep, to: machine.rep } }),
    ...(!repeats && machine.pc !== pc + 1 && { jump: machine.pc }),
  }
}

function valuesOf(machine: FastMachine): Values {
  return { slots: machine.readSlots(), args: machine.readArgs(), globals: machine.readGlobals() }
}

/** Whole ranges: of an instruction that takes several steps, all that it moves. */
function memoryTouched(word: Word, { form, width }: Opcode, values: Values): MemoryTouched[] {
  const operand = (name: 'a' | 'b' | 'c') => low32(operandBits(name, word, values))
  const arg = (index: number) => low32(values.args[index] ?? 0n)
  switch (form) {
    case 'load':
      return [{ access: 'read', address: operand('a') + word.t, length: width! }]
    case 'store':
      return [{ access: 'write', address: operand('a') + word.t, length: width! }]
    case 'memoryCopy':
      return [
        { access: 'read', address: operand('b'), length: operand('c') },
        { access: 'write', address: operand('a'), length: operand('c') },
      ]
    case 'memoryFill':
      return [{ access: 'write', address: operand('a'), length: operand('c') }]
    case 'inputRead':
      return [{ access: 'write', address: arg(2), length: arg(3) }]
    case 'outputWrite':
      return [{ access: 'read', address: arg(0), length: arg(1) }]
    default:
      return []
  }
}

type Around = { before: Values; machine: FastMachine; pc: number; program: Program }

function valuesWritten(word: Word, opcode: Opcode, { before, machine, pc, program }: Around): NamedValue[] {
  const { form } = opcode
  switch (form) {
    case 'arg':
      return [named(`arg ${word.t}`, operandBits('a', word, before), 'bits')]
    case 'globalSet':
      return [named(`g${word.t}`, operandBits('a', word, before), kindOf('a', opcode, word, program))]
    case 'call':
    case 'callIndirect':
      // the arguments are the first slots of the new frame
      return Array.from(argumentsOf(machine.pc, program), (_, i) => named(`s${i}`, before.args[i], 'bits'))
    case 'return': {
      const value = valuesRead(word, opcode, before, program)[0]
      const caller = readWord(program.code, machine.pc - 1)
      return value === undefined || machine.ending !== undefined ? [] : [{ ...value, name: `s${caller.d}` }]
    }
    default: {
      const isDone = !repeating.has(form) || machine.pc !== pc
      return writesSlot(opcode) && isDone ? [slotWritten(word, opcode, valuesOf(machine), program)] : []
    }
  }
}

/** Parameters of the function that begins at a pc. */
function argumentsOf(pc: number, { pcs, module }: Program): Uint8Array {
  return module.functions[pcs.indexOf(pc)]?.params ?? new Uint8Array(0)
}

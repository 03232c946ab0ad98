import type { Hex } from 'viem'
import { low32 } from '../bytes.ts'
import type { MachineTask } from '../engine.ts'
import { flag, type Opcode, opcodeOf } from '../isa.ts'
import { disassemble } from '../lower/disassemble.ts'
import type { Program } from '../program.ts'
import type { MachineEnding, ReferenceMachine } from '../reference/machine.ts'
import { stateAt } from '../stateAt.ts'
import { readWord, type Word, writesSlot } from '../word.ts'
import { type FunctionPlace, functionFinder } from './functions.ts'
import { argOf, globalOf, type NamedValue, named, operandBits, slotWritten, valuesRead } from './operands.ts'

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
  ending: MachineEnding | undefined
  /** State in which the trace ends: its number, and its hash where it was asked for. */
  last: { step: bigint; stateHash?: Hex }
}

export type TraceParameters = {
  /** What `translate` gave, with inputs and limits. */
  task: MachineTask & { program: Program }
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
 * The steps of a task between two of its states, as people read them. The fast machine goes to the first state, the
 * reference machine takes the steps. Fewer steps than asked for where the task ends before.
 *
 * @throws {FastMachineError} if the host gives no memory for the task
 */
export function trace({ task, from, to, withStates = false }: TraceParameters): Trace {
  const machine = stateAt(task, from)
  const functionAt = functionFinder(task.program)
  const steps: TraceStep[] = []
  const hashed = () => (withStates ? { stateHash: machine.stateHash() } : {})
  while (machine.ending === undefined && machine.steps < to) {
    steps.push({
      step: machine.steps,
      pc: machine.pc,
      ...hashed(),
      function: functionAt(machine.pc),
      instruction: disassemble(task.program.code, machine.pc),
      ...takeStep(machine, task.program),
    })
  }
  return { steps, ending: machine.ending, last: { step: machine.steps, ...hashed() } }
}

type StepTaken = Pick<TraceStep, 'reads' | 'memory' | 'writes' | 'moved' | 'jump'>

/** Lets the machine take a step, and tells what it read and wrote. */
function takeStep(machine: ReferenceMachine, program: Program): StepTaken {
  const { pc, rep } = machine
  const word = readWord(program.code, pc)
  const opcode = opcodeOf[word.op]
  const reads = opcode === undefined ? [] : valuesRead(word, opcode, machine, program)
  const memory = opcode === undefined ? [] : memoryTouched(word, opcode, machine)
  machine.step()
  const { ending } = machine
  if (opcode === undefined || (ending !== undefined && ending.status !== 'outOfSteps'))
    return { reads, memory, writes: [] }
  const repeats = opcode.repeats === true
  return {
    reads,
    memory,
    writes: repeats && machine.pc === pc ? [] : valuesWritten(word, opcode, machine, program),
    ...(repeats && { moved: { from: rep, to: machine.rep } }),
    ...(!repeats && machine.pc !== pc + 1 && { jump: machine.pc }),
  }
}

/** Whole ranges: of an instruction that takes several steps, all that it moves. */
function memoryTouched(word: Word, { form, width }: Opcode, machine: ReferenceMachine): MemoryTouched[] {
  const operand = (name: 'a' | 'b' | 'c') => low32(operandBits(name, word, machine))
  const arg = (index: number) => low32(machine.args.value(index))
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
    case 'inputRead': {
      // no more than there is
      const left = Math.max(0, machine.task.sizeOf(arg(0)) - arg(1))
      return [{ access: 'write', address: arg(2), length: Math.min(arg(3), left) }]
    }
    case 'outputWrite':
      return [{ access: 'read', address: arg(0), length: arg(1) }]
    default:
      return []
  }
}

/** What an instruction left in the state that its step led to. */
function valuesWritten(
  word: Word,
  opcode: Opcode,
  machine: ReferenceMachine,
  program: Program,
): NamedValue[] {
  const slot = (index: number) => named(`s${index}`, machine.frame.value(index), 'bits')
  switch (opcode.form) {
    case 'arg':
      return [argOf(word, machine)]
    case 'globalSet':
      return [globalOf(word, machine, program)]
    case 'call':
    case 'callIndirect':
      // the arguments are the first slots of the new frame
      return Array.from(parametersOf(machine.pc, program), (_, index) => slot(index))
    case 'return':
      // the call before where it goes on names the slot
      return (word.flags & flag.hasValue) === 0 ? [] : [slot(readWord(program.code, machine.pc - 1).d)]
    default:
      return writesSlot(opcode) ? [slotWritten(word, opcode, machine, program)] : []
  }
}

/** Parameters of the function that begins at a pc. */
function parametersOf(pc: number, { pcs, module }: Program): Uint8Array {
  return module.functions[pcs.indexOf(pc)]?.params ?? new Uint8Array(0)
}

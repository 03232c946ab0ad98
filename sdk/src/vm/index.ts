export type { Ending, Engine, MachineTask, TrapReason } from './engine.ts'
export { FastMachine, fastEngine, runFast, type Snapshot } from './fast/index.ts'
export { limits as machineLimits } from './isa.ts'
export { disassemble } from './lower/disassemble.ts'
export type { StepTable } from './lower/steps.ts'
export { type TranslateParameters, translate } from './lower/translate.ts'
export { instrumentProgram, type NativeBuilds } from './native/builds.ts'
export { createNativeEngine, type NativeEngineParameters, nativeModules } from './native/engine.ts'
export { trapReasonOf } from './native/trapReasons.ts'
export type { Program } from './program.ts'
export { programIdOf } from './programId.ts'
export { infoOfProgram, type ProgramInfo, programInfo } from './programInfo.ts'
export { stepWithWitness } from './proof/stepWithWitness.ts'
export { witness } from './proof/witness.ts'
export { referenceEngine } from './reference/engine.ts'
export { type MachineEnding, ReferenceMachine, type SuspendedFrame } from './reference/machine.ts'
export { type CommittedTask, committedTask } from './reference/task.ts'
export {
  firstStateHash,
  jobHash,
  type ProgramImage,
  type ProgramRoots,
  programIdOfImage,
  programRoots,
  type TableEntry,
  type TaskTerms,
} from './state.ts'
export { stateAt } from './stateAt.ts'
export { type FunctionPlace, functionFinder, functionNames } from './trace/functions.ts'
export type { NamedValue } from './trace/operands.ts'
export { type MemoryTouched, type Trace, type TraceParameters, type TraceStep, trace } from './trace/trace.ts'
export { entryNames } from './wasm/entry.ts'
export {
  assayEnvironment,
  type Environment,
  type HostFunction,
  type ImportDefinition,
  type ImportedFunction,
} from './wasm/environment.ts'
export { type ReadModuleParameters, readModule } from './wasm/module.ts'
export type {
  DataSegment,
  ElementSegment,
  ExportKind,
  FunctionType,
  Global,
  ModuleExport,
  ModuleMemory,
  WasmModule,
} from './wasm/types.ts'
export { type BodyVisitor, silentVisitor } from './wasm/visitor.ts'
export { encodeWord, readWord, type Word } from './word.ts'

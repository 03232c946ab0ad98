export { decodeProgram, encodeProgram } from './encoding.ts'
export { disassemble } from './lower/disassemble.ts'
export { withCall } from './lower/invoke.ts'
export { extraStepsOf, type StepTable, stepsOf } from './lower/steps.ts'
export { type TranslateParameters, translate } from './lower/translate.ts'
export type { Program } from './program.ts'
export type { ProgramImage, TableEntry } from './state.ts'
export {
  assayEnvironment,
  type Environment,
  type HostFunction,
  hostFunctionNames,
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

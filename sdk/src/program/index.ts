export { hostModule } from './host.ts'
export {
  defaultMaxPages,
  entryNames,
  inspectProgram,
  maxPagesLimit,
  type ProgramEntry,
  type ProgramInfo,
} from './inspect.ts'
export { type ProgramExport, pageBytes } from './layout.ts'
export { privateProgram, saltBytes } from './privateProgram.ts'
export { type PreparedProgram, preparedExports, prepareProgram, withMemoryMaximum } from './rewrite.ts'

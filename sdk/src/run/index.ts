export { run } from './run.ts'
export type { Run, RunEvent, RunJob, RunOutput, RunParameters } from './types.ts'

export { run } from './run.ts'
export type { Run, RunEvent, RunJob, RunParameters, RunOutput } from './types.ts'

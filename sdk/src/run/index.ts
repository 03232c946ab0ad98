export { run } from './run.ts'
export type { Run, RunEvent, RunJob, RunLevel, RunOutput, RunParameters, RunReplication } from './types.ts'

export type { ContentCache } from './cached.ts'
export type { TransferOptions } from './exchange.ts'
export {
  type FetchContentParameters,
  type FetchInputsParameters,
  type FetchOptions,
  type FetchProgramParameters,
  fetchContent,
  fetchInputs,
  fetchProgram,
} from './fetchContent.ts'
export {
  type FetchJobDataParameters,
  fetchJobData,
  type JobData,
  type JobDataLimits,
} from './fetchJobData.ts'
export { type FetchLeavesParameters, fetchLeaves, type SubmittedResult } from './fetchLeaves.ts'
export { type FetchOutputsParameters, fetchOutputs, type TaskOutput } from './fetchOutputs.ts'
export { type FetchRowsParameters, fetchRows } from './fetchRows.ts'
export { type FetchSealedDataParameters, fetchSealedData, type SealedData } from './fetchSealedData.ts'
export {
  type ContentKind,
  contentKey,
  contentKinds,
  createKeyHasher,
  type KeyHasher,
  maxProgramLength,
} from './key.ts'
export { type PutParameters, putContent, putInputs, putProgram } from './putContent.ts'
export { contentUrl, parseStoreUrl, resultUrl } from './url.ts'

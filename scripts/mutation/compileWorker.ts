// Compiles mutants in a thread of its own: the compiler blocks whoever calls it. Started by lane.ts.

import { parentPort, workerData } from 'node:worker_threads'
import { type ContractName, compile, type Profile } from './compiler.ts'

/** The sources of the project, once. */
export type WorkerData = { sources: Map<string, string> }

/** Compile these contracts, from these sources, with one of them replaced. */
export interface CompileOrder {
  files: string[]
  changed?: { file: string; text: string }
  wanted: ContractName[]
  profile: Profile
}

export type CompileReport = ReturnType<typeof compile>

const { sources } = workerData as WorkerData

parentPort?.on('message', ({ files, changed, wanted, profile }: CompileOrder) => {
  const chosen = new Map(files.map((file) => [file, sources.get(file)!]))
  if (changed !== undefined) chosen.set(changed.file, changed.text)
  const report: CompileReport = compile(chosen, wanted, profile)
  parentPort?.postMessage(report)
})

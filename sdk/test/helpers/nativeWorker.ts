/** Runs a program natively: given as worker data, or on stdin of a process of its own. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { runNatively } from './nativeRuns.ts'

if (parentPort === null) process.stdout.write(runNatively(readFileSync(0)).both)
else {
  const { bytes, stepLimit } = workerData as { bytes: Uint8Array; stepLimit: bigint }
  parentPort.postMessage(runNatively(bytes, { stepLimit }).both)
}

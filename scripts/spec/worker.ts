import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { SpecEngine } from './engines.ts'
import { fast } from './fast.ts'
import { native, nativeFastBuild } from './native.ts'
import { reference } from './reference.ts'
import { runScript } from './runScript.ts'
import type { SuiteParameters } from './suite.ts'

const all: readonly SpecEngine[] = [reference, fast, native, nativeFastBuild]

const { folder, files, engines } = workerData as SuiteParameters
for (const file of files) {
  const started = performance.now()
  const asked = all.filter(({ name }) => engines.includes(name))
  const tally = await runScript(join(folder, file), asked)
  parentPort!.postMessage({ file, tally, seconds: (performance.now() - started) / 1_000 })
}

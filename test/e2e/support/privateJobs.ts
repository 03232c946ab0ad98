import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  deliverKeySync,
  fetchLeaves,
  fetchOutputs,
  getProvider,
  getResult,
  keyForProvider,
  type MarketClient,
  postSync,
  privateDataUri,
  privateProgram,
  putContent,
  putProgram,
  type SealedInputs,
  sealInputs,
  unsaltOutput,
} from 'assay'
import type { Hex } from 'viem'
import { assemble } from '../../../sdk/test/helpers/wasm.ts'
import type { World } from './world.ts'

/** Writes its input, then the shared one. */
export const echo = assemble(`(module
  (import "assay" "input_size" (func $size (param i32) (result i32)))
  (import "assay" "input_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "assay" "output_write" (func $write (param i32 i32)))
  (memory (export "memory") 1 1)
  (func $copy (param $stream i32)
    (drop (call $read (local.get $stream) (i32.const 0) (i32.const 0) (call $size (local.get $stream))))
    (call $write (i32.const 0) (call $size (local.get $stream))))
  (func (export "run") (call $copy (i32.const 0)) (call $copy (i32.const 1))))`)

export type PrivateJob = SealedInputs & { jobId: Hex; tasks: number }

/** Posts a private job step by step, as somebody would who does not use `run`. */
export async function postPrivate(
  world: World,
  requester: MarketClient,
  { program, inputs, shared }: { program: Uint8Array; inputs: readonly Uint8Array[]; shared?: Uint8Array },
): Promise<PrivateJob> {
  const url = world.store
  const data = await sealInputs(inputs, shared)
  const [programId, sealedHash] = await Promise.all([
    putProgram({ url, bytes: privateProgram(program) }),
    putContent({ url, bytes: data.sealed }),
  ])
  const { timestamp } = await requester.getBlock()
  const { jobId } = await postSync(requester, {
    terms: {
      programId,
      inputsRoot: data.inputsRoot,
      sharedInput: data.sharedInput,
      isPrivate: true,
      ...{ maxPrice: 1_000_000n, minPrice: 1_000_000n, ramp: 0, run: 60, window: 2, minReputation: 0n },
      floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
      level: 'optimistic',
      tasks: inputs.length,
      claimBy: Number(timestamp) + 900,
      ...{ stepLimit: 1n << 30n, maxOutput: 1 << 20, maxPages: 64 },
      dataUri: privateDataUri(url, sealedHash),
    },
  })
  return { ...data, jobId, tasks: inputs.length }
}

/** Wraps a key for the provider of a job and delivers it. */
export async function deliver(
  requester: MarketClient,
  { jobId, jobKey }: Pick<PrivateJob, 'jobId' | 'jobKey'>,
): Promise<void> {
  await deliverKeySync(requester, { jobId, key: await keyForProvider(requester, { jobId, jobKey }) })
}

/** The outputs of a submitted private job, verified and opened. */
export async function openOutputs(
  requester: MarketClient,
  { jobId, jobKey, tasks }: Pick<PrivateJob, 'jobId' | 'jobKey' | 'tasks'>,
): Promise<Uint8Array[]> {
  const { provider, ...result } = await getResult(requester, { jobId })
  const { endpoint } = await getProvider(requester, { address: provider })
  const source = { endpoint, jobId, jobKey }
  const leaves = await fetchLeaves({ ...source, ...result, tasks })
  const outputs: Uint8Array[] = []
  for await (const { bytes } of fetchOutputs({ ...source, leaves })) outputs.push(unsaltOutput(bytes))
  return outputs
}

/** The files below a folder that contain some bytes. */
export function filesWith(folder: string, bytes: Uint8Array): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(Buffer.from(bytes)))
}

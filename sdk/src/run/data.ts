import type { Hex } from 'viem'
import { putContent, putInputs, putProgram } from '../content/index.ts'
import { contentHash, emptyContent, packInputs } from '../trees/index.ts'
import type { Shard } from './plan.ts'
import type { RunParameters } from './types.ts'

/** What the store has of a run. */
export type StoredData = {
  programId: Hex
  sharedInput: Hex
  inputsRoots: ReadonlyMap<Shard, Hex>
  bytes: number
}

export const NO_DATA: StoredData = { programId: '0x', sharedInput: '0x', inputsRoots: new Map(), bytes: 0 }

/** Puts the data of a run into its store; the inputs of each part are one pack. */
export async function storeData(
  { program, inputs, shared, store: url }: RunParameters<unknown>,
  shards: readonly Shard[],
  signal: AbortSignal,
): Promise<StoredData> {
  const target = { url, signal }
  const [programId, sharedInput] = await Promise.all([
    putProgram({ ...target, bytes: program }),
    shared ? putContent({ ...target, bytes: shared }) : contentHash(emptyContent),
  ])
  const inputsRoots = new Map<Shard, Hex>()
  let bytes = program.length + (shared?.length ?? 0)
  for (const shard of shards) {
    const pack = packInputs(inputs.slice(shard.first, shard.first + shard.tasks))
    inputsRoots.set(shard, await putInputs({ ...target, bytes: pack }))
    bytes += pack.length
  }
  return { programId, sharedInput, inputsRoots, bytes }
}

import type { Hex } from 'viem'
import { putContent, putInputs, putProgram } from '../content/index.ts'
import { privateDataUri, sealInputs } from '../private/index.ts'
import { contentHash, emptyContent, packInputs } from '../trees/index.ts'
import type { Shard } from './plan.ts'
import { trying } from './retry.ts'
import { programOf } from './terms.ts'
import type { RunParameters } from './types.ts'

/** What the terms of a part say of its data. */
export type ShardData = {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  dataUri: string
  /** The key of a private part, of each posting another one. */
  jobKey: Uint8Array | null
}

/** Stands for data that is not stored yet, where only the rest of the terms counts. */
export const NO_DATA: ShardData = {
  programId: '0x',
  inputsRoot: '0x',
  sharedInput: '0x',
  dataUri: '',
  jobKey: null,
}

/** What the store has of a run. */
export type StoredData = {
  bytes: number
  /** The data of a part that is about to be posted; a private part is stored anew when it is posted again. */
  dataOf: (shard: Shard) => Promise<ShardData>
}

type Target = { signal: AbortSignal; pollingInterval: number }

/** Puts the data of a run into its store. */
export function storeData(
  parameters: RunParameters<unknown>,
  shards: readonly Shard[],
  target: Target,
): Promise<StoredData> {
  return parameters.private ? storeSealed(parameters, shards, target) : storeOpen(parameters, shards, target)
}

/** In the open: the inputs of each part are one pack. */
async function storeOpen(
  { program, inputs, shared, store: url }: RunParameters<unknown>,
  shards: readonly Shard[],
  { signal }: Target,
): Promise<StoredData> {
  const target = { url, signal }
  const [programId, sharedInput] = await Promise.all([
    putProgram({ ...target, bytes: program }),
    shared ? putContent({ ...target, bytes: shared }) : contentHash(emptyContent),
  ])
  const stored = new Map<Shard, ShardData>()
  let bytes = program.length + (shared?.length ?? 0)
  for (const shard of shards) {
    const pack = packInputs(inputs.slice(shard.first, shard.first + shard.tasks))
    const inputsRoot = await putInputs({ ...target, bytes: pack })
    stored.set(shard, { programId, inputsRoot, sharedInput, dataUri: url, jobKey: null })
    bytes += pack.length
  }
  return { bytes, dataOf: async (shard) => stored.get(shard) as ShardData }
}

/** Sealed: inputs and shared input of each posting of a part are one content, with a key of its own. */
async function storeSealed(
  parameters: RunParameters<unknown>,
  shards: readonly Shard[],
  context: Target,
): Promise<StoredData> {
  const { inputs, shared, store: url } = parameters
  const target = { url, signal: context.signal }
  const program = programOf(parameters)
  const programId = await putProgram({ ...target, bytes: program })
  let bytes = program.length

  async function seal({ first, tasks }: Shard): Promise<ShardData> {
    const { sealed, ...data } = await sealInputs(inputs.slice(first, first + tasks), shared)
    const hash = await putContent({ ...target, bytes: sealed })
    bytes += sealed.length
    return { ...data, programId, dataUri: privateDataUri(url, hash) }
  }

  // What cannot be stored is found out before anything is paid.
  const stored = new Map<Shard, ShardData>()
  for (const shard of shards) stored.set(shard, await seal(shard))
  return {
    bytes,
    dataOf: async (shard) => {
      const data = stored.get(shard) ?? (await trying(context, () => seal(shard)))
      stored.delete(shard)
      return data
    },
  }
}

import type { Hex } from 'viem'
import { contentKey } from '../content/key.ts'
import { PrivateDataMismatchError } from '../errors/private.ts'
import { ContentLengthError, MalformedInputPackError } from '../errors/trees.ts'
import { sameHash } from '../trees/bytes.ts'
import { packInputs, unpackInputs } from '../trees/inputPack.ts'
import { jobKeyBytes, Sealer } from './aead.ts'
import { saltInput } from './salts.ts'

/** The inputs of a private job, sealed, and what its terms say of them. */
export type SealedInputs = {
  /** To be kept, and to be delivered wrapped: whoever has it can read inputs and outputs. */
  jobKey: Uint8Array<ArrayBuffer>
  /** For a store, as any content. */
  sealed: Uint8Array<ArrayBuffer>
  inputsRoot: Hex
  sharedInput: Hex
}

const lengthBytes = 8

/**
 * Seals the inputs of one job with a key of its own, each with a fresh random word before it.
 *
 * @param shared - Empty for none.
 * @throws {TaskCountError | ContentLengthError}
 */
export async function sealInputs(
  inputs: readonly Uint8Array[],
  shared: Uint8Array = new Uint8Array(),
): Promise<SealedInputs> {
  const jobKey = crypto.getRandomValues(new Uint8Array(jobKeyBytes))
  const salted = inputs.map(saltInput)
  const saltedShared = shared.length === 0 ? shared : saltInput(shared)
  const pack = packInputs(salted)
  const bytes = new Uint8Array(lengthBytes + saltedShared.length + pack.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(saltedShared.length))
  bytes.set(saltedShared, lengthBytes)
  bytes.set(pack, lengthBytes + saltedShared.length)
  const sealer = await Sealer.create(jobKey, 'inputs')
  return {
    jobKey,
    sealed: await sealer.seal(bytes),
    inputsRoot: await contentKey('inputs', pack),
    sharedInput: await contentKey('content', saltedShared),
  }
}

/**
 * Opens the inputs of a private job and checks them against its terms. They still begin with their random words: so they
 * are what the program reads. Hashing them leaves the thread responsive: a provider has other jobs to bring to their end.
 *
 * @throws {SealBrokenError | PrivateDataMismatchError}
 */
export async function openInputs(
  sealed: Uint8Array,
  jobKey: Uint8Array,
  terms: { inputsRoot: Hex; sharedInput: Hex; tasks: number },
): Promise<{ inputs: readonly Uint8Array[]; shared: Uint8Array }> {
  const sealer = await Sealer.create(jobKey, 'inputs')
  const bytes = await sealer.open(sealed, 'the inputs')
  const refuse = (what: string, expected: string, got: string, cause?: unknown): never => {
    throw new PrivateDataMismatchError({ what, expected, got, cause })
  }
  const size = `${bytes.length} bytes`
  if (bytes.length < lengthBytes) refuse('the inputs', 'a length, a shared input and an input pack', size)
  const sharedLength = new DataView(bytes.buffer).getBigUint64(0)
  if (sharedLength > BigInt(bytes.length - lengthBytes))
    refuse('the shared input', `${sharedLength} bytes`, size)
  const shared = bytes.subarray(lengthBytes, lengthBytes + Number(sharedLength))
  const pack = bytes.subarray(lengthBytes + shared.length)
  let inputs: Uint8Array[] = []
  let root: Hex = '0x'
  try {
    const sharedHash = await contentKey('content', shared)
    if (!sameHash(sharedHash, terms.sharedInput)) refuse('the shared input', terms.sharedInput, sharedHash)
    inputs = [...unpackInputs(pack)]
    if (inputs.length === terms.tasks) root = await contentKey('inputs', pack)
  } catch (cause) {
    if (!(cause instanceof MalformedInputPackError) && !(cause instanceof ContentLengthError)) throw cause
    refuse('the inputs', 'a well-formed input pack', cause.shortMessage, cause)
  }
  if (inputs.length !== terms.tasks) refuse('the inputs', `${terms.tasks} inputs`, `${inputs.length}`)
  if (!sameHash(root, terms.inputsRoot)) refuse('the inputs', terms.inputsRoot, root)
  return { inputs, shared }
}

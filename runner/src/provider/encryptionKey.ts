import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createEncryptionKeyPair, encryptionKeyOf, type JobKeyBinding, unwrapJobKey } from 'assay'
import type { Hex } from 'viem'
import { EncryptionKeyFileError } from '../errors.ts'

/** The provider's X25519 key pair. The private half leaves neither this object nor its file. */
export class EncryptionKey {
  readonly publicKey: Hex
  readonly #privateKey: Uint8Array

  private constructor(publicKey: Hex, privateKey: Uint8Array) {
    this.publicKey = publicKey
    this.#privateKey = privateKey
  }

  /**
   * Reads `folder/encryption.key`, which is made at the first start and readable to its owner alone.
   *
   * @throws EncryptionKeyFileError
   */
  static async load(folder: string): Promise<EncryptionKey> {
    const path = join(folder, 'encryption.key')
    mkdirSync(folder, { recursive: true })
    const kept = read(path)
    if (kept === undefined) write(path, (await createEncryptionKeyPair()).privateKey)
    const privateKey = kept ?? (read(path) as Uint8Array)
    return new EncryptionKey(await encryptionKeyOf(privateKey), privateKey)
  }

  /** @throws KeyUnwrapError */
  unwrap(wrapped: Hex, binding: JobKeyBinding): Promise<Uint8Array> {
    return unwrapJobKey(wrapped, this.#privateKey, binding)
  }
}

function read(path: string): Uint8Array | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new EncryptionKeyFileError({ path, reason: message })
  }
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new EncryptionKeyFileError({ path, reason: 'it is not 64 hex digits' })
  return Buffer.from(text, 'hex')
}

/** Under its name complete and durable, or not at all. */
function write(path: string, privateKey: Uint8Array): void {
  const beside = `${path}.${randomUUID()}`
  try {
    const file = openSync(beside, 'wx', 0o600)
    try {
      writeSync(file, `${Buffer.from(privateKey).toString('hex')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new EncryptionKeyFileError({ path, reason: (error as Error).message })
  }
}

import { SealBrokenError } from '../errors/private.ts'

/** Bytes by which sealed data is longer than what was sealed: the tag of AES-256-GCM. */
export const sealBytes = 16
/** Bytes of a job's key. */
export const jobKeyBytes = 32

/** What a job's key is used for; each use has a key of its own, derived from it. */
export type KeyUse = 'inputs' | 'leaves' | 'outputs'

const labels: Record<KeyUse, string> = {
  inputs: 'assay/private/inputs/1',
  leaves: 'assay/private/leaves/1',
  outputs: 'assay/private/outputs/1',
}

/** Bytes as WebCrypto takes them: not over shared memory. */
type Bytes = Uint8Array<ArrayBuffer>

/** Seals and opens with one key, each number at most once for what is different. */
export class Sealer {
  readonly #key: CryptoKey

  private constructor(key: CryptoKey) {
    this.#key = key
  }

  /** HKDF-SHA256 of the job's key, without a salt, with the use as its info. */
  static async create(jobKey: Uint8Array, use: KeyUse): Promise<Sealer> {
    const master = await crypto.subtle.importKey('raw', jobKey as Bytes, 'HKDF', false, ['deriveKey'])
    const info = new TextEncoder().encode(labels[use])
    const key = await crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
      master,
      { name: 'AES-GCM', length: 256 },
      false,
      ['encrypt', 'decrypt'],
    )
    return new Sealer(key)
  }

  /** @param number - Becomes the nonce; 0 to 2^32 − 1. */
  async seal(bytes: Uint8Array, number = 0): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: 'AES-GCM', iv: nonceOf(number) }
    return new Uint8Array(await crypto.subtle.encrypt(algorithm, this.#key, bytes as Bytes))
  }

  /**
   * @param what - What is opened, for the error.
   * @throws {SealBrokenError}
   */
  async open(sealed: Uint8Array, what: string, number = 0): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: 'AES-GCM', iv: nonceOf(number) }
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, this.#key, sealed as Bytes))
    } catch (cause) {
      throw new SealBrokenError({ what, length: sealed.length, cause })
    }
  }
}

function nonceOf(number: number): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, number)
  return nonce
}

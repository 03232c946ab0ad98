import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { type Address, concat, type Hex, hexToBytes, numberToHex, stringToHex } from 'viem'
import { EncryptionKeyError, KeyUnwrapError } from '../errors/private.ts'
import { hashBytes, toHex } from '../trees/bytes.ts'
import { jobKeyBytes } from './aead.ts'

/** Bytes of a wrapped job key: the sender's public key, the encrypted key, the tag. */
export const wrappedKeyBytes = 32 + jobKeyBytes + 16

/** What a wrapped key is good for: this provider in this job of this market, and nothing else. */
export type JobKeyBinding = {
  chainId: number | bigint
  market: Address
  jobId: Hex
  provider: Address
}

/** An X25519 key pair, raw. */
export type EncryptionKeyPair = {
  publicKey: Hex
  privateKey: Uint8Array
}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

/** A fresh key pair for a provider's `encryptionKey`. */
export async function createEncryptionKeyPair(): Promise<EncryptionKeyPair> {
  const pair = await suite.kem.generateKeyPair()
  const privateKey = new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey))
  return { publicKey: toHex(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey))), privateKey }
}

/** The public key of a private one. X25519 takes any 32 bytes. */
export async function encryptionKeyOf(privateKey: Uint8Array): Promise<Hex> {
  // Its base point, by the first coordinate.
  const point = new Uint8Array(32)
  point[0] = 9
  const [key, base] = await Promise.all([
    crypto.subtle.importKey('pkcs8', pkcs8(privateKey), 'X25519', false, ['deriveBits']),
    crypto.subtle.importKey('raw', point, 'X25519', false, []),
  ])
  return toHex(new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: base }, key, 256)))
}

/**
 * Wraps a job's key for one provider in one job: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256
 * and AES-256-GCM, its info naming chain, market, job and provider.
 *
 * @param encryptionKey - As the provider registered it.
 * @returns the 80 bytes for `deliverKey`
 * @throws {EncryptionKeyError} if nothing can be wrapped for it, like zero: then none is registered
 */
export async function wrapJobKey(
  jobKey: Uint8Array,
  encryptionKey: Hex,
  binding: JobKeyBinding,
): Promise<Hex> {
  const { jobId, provider } = binding
  try {
    const point = bufferOf(hashBytes(encryptionKey, 'encryptionKey'))
    const recipientPublicKey = await suite.kem.deserializePublicKey(point)
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: infoOf(binding) }, bufferOf(jobKey))
    return concat([toHex(new Uint8Array(enc)), toHex(new Uint8Array(ct))])
  } catch (cause) {
    throw new EncryptionKeyError({ jobId, provider, found: encryptionKey, cause })
  }
}

/**
 * The job's key out of what was delivered.
 *
 * @throws {KeyUnwrapError} if it was wrapped for another key, job, provider, market or chain, or is no wrapped key at all
 */
export async function unwrapJobKey(
  wrapped: Hex,
  privateKey: Uint8Array,
  binding: JobKeyBinding,
): Promise<Uint8Array<ArrayBuffer>> {
  const { jobId, provider } = binding
  try {
    const bytes = hexToBytes(wrapped)
    const recipientKey = await suite.kem.deserializePrivateKey(bufferOf(privateKey))
    const recipient = { recipientKey, enc: bufferOf(bytes.subarray(0, 32)), info: infoOf(binding) }
    const key = new Uint8Array(await suite.open(recipient, bufferOf(bytes.subarray(32))))
    if (key.length !== jobKeyBytes) throw new RangeError(`a key of ${key.length} bytes`)
    return key
  } catch (cause) {
    throw new KeyUnwrapError({ jobId, provider, cause })
  }
}

/** `"assay/private/key/1" ‖ chainId u256 ‖ market ‖ jobId ‖ provider` */
function infoOf({ chainId, market, jobId, provider }: JobKeyBinding): ArrayBuffer {
  const label = stringToHex('assay/private/key/1')
  return bufferOf(hexToBytes(concat([label, numberToHex(chainId, { size: 32 }), market, jobId, provider])))
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

/** The DER of RFC 8410: the algorithm 1.3.101.110 and the key in two octet strings. */
function pkcs8(privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
  ]
  return Uint8Array.from([...head, ...privateKey])
}

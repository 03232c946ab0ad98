import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from 'node:crypto'

/** AES-GCM of RFC 9180: its id, and the bytes of its key. */
export const aeads = { aes128: [1, 16], aes256: [2, 32] } as const
type Aead = keyof typeof aeads

const kemId = Buffer.from('0020', 'hex')
const kdfId = Buffer.from('0001', 'hex')
const utf8 = (text: string) => Buffer.from(text)
const number = (value: number) => Buffer.from([value >> 8, value & 255])
const hmac = (key: Buffer, data: Buffer) => createHmac('sha256', key).update(data).digest()

/** LabeledExtract and LabeledExpand of section 4, on HKDF-SHA256. */
const extract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer) =>
  hmac(salt.length === 0 ? Buffer.alloc(32) : salt, Buffer.concat([utf8('HPKE-v1'), suite, utf8(label), ikm]))
const expand = (suite: Buffer, prk: Buffer, label: string, info: Buffer, length: number) =>
  hmac(
    prk,
    Buffer.concat([number(length), utf8('HPKE-v1'), suite, utf8(label), info, Buffer.from([1])]),
  ).subarray(0, length)

const privateOf = (key: Buffer) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), key]),
    format: 'der',
    type: 'pkcs8',
  })
const publicOf = (key: Buffer) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), key]),
    format: 'der',
    type: 'spki',
  })

/**
 * Base mode of HPKE for X25519 and HKDF-SHA256, written after the text of RFC 9180 on nothing but node:crypto: what the
 * sender and the recipient both compute, from one's secret key and the other's public one.
 */
function schedule(
  aead: Aead,
  keys: { secret: Buffer; other: Buffer; enc: Buffer; pkR: Buffer },
  info: Buffer,
) {
  const kem = Buffer.concat([utf8('KEM'), kemId])
  const dh = diffieHellman({ privateKey: privateOf(keys.secret), publicKey: publicOf(keys.other) })
  const eae = extract(kem, Buffer.alloc(0), 'eae_prk', dh)
  const shared = expand(kem, eae, 'shared_secret', Buffer.concat([keys.enc, keys.pkR]), 32)
  const [id, size] = aeads[aead]
  const suite = Buffer.concat([utf8('HPKE'), kemId, kdfId, number(id)])
  const none = Buffer.alloc(0)
  const context = Buffer.concat([
    Buffer.from([0]),
    extract(suite, none, 'psk_id_hash', none),
    extract(suite, none, 'info_hash', info),
  ])
  const secret = extract(suite, shared, 'secret', none)
  return {
    shared,
    key: expand(suite, secret, 'key', context, size),
    nonce: expand(suite, secret, 'base_nonce', context, 12),
    cipher: aead === 'aes128' ? ('aes-128-gcm' as const) : ('aes-256-gcm' as const),
  }
}

export type Sent = { enc: Buffer; info: Buffer; aad: Buffer }

/** Opens the first message of a sender. */
export function hpkeOpen(
  aead: Aead,
  recipient: { skR: Buffer; pkR: Buffer },
  sent: Sent,
  ct: Buffer,
): Buffer {
  const keys = { secret: recipient.skR, other: sent.enc, enc: sent.enc, pkR: recipient.pkR }
  const { key, nonce, cipher } = schedule(aead, keys, sent.info)
  const decipher = createDecipheriv(cipher, key, nonce).setAAD(sent.aad).setAuthTag(ct.subarray(-16))
  return Buffer.concat([decipher.update(ct.subarray(0, -16)), decipher.final()])
}

/** The first message of a sender with this ephemeral secret key. */
export function hpkeSeal(aead: Aead, skE: Buffer, pkR: Buffer, sent: Sent, plain: Buffer): Buffer {
  const keys = { secret: skE, other: pkR, enc: sent.enc, pkR }
  const { key, nonce, cipher } = schedule(aead, keys, sent.info)
  const encipher = createCipheriv(cipher, key, nonce).setAAD(sent.aad)
  return Buffer.concat([encipher.update(plain), encipher.final(), encipher.getAuthTag()])
}

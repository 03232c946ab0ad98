import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Hex, hexToBytes } from 'viem'
import { EncryptionKeyError, KeyUnwrapError, SealBrokenError } from '../src/index.ts'
import {
  createEncryptionKeyPair,
  encryptionKeyOf,
  type JobKeyBinding,
  Sealer,
  unwrapJobKey,
  wrapJobKey,
  wrappedKeyBytes,
} from '../src/private/index.ts'
import { hpkeOpen, hpkeSeal } from './helpers/hpke.ts'
import { rejection } from './helpers/rejection.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/** RFC 9180, appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0. */
const rfc = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  skE: hex('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736'),
  enc: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
  skR: hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
  pkR: hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'),
  plain: hex('4265617574792069732074727574682c20747275746820626561757479'),
  aad: hex('436f756e742d30'),
  ct: hex('f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a'),
}

const binding: JobKeyBinding = {
  chainId: 31_337,
  market: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
  jobId: `0x${'1f'.repeat(32)}`,
  provider: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
}
/** The info that the documentation gives, written out. */
const documentedInfo = Buffer.concat([
  Buffer.from('assay/private/key/1'),
  hex('0000000000000000000000000000000000000000000000000000000000007a69'),
  hex('5fbdb2315678afecb367f032d93f642f64180aa3'),
  hex('1f'.repeat(32)),
  hex('70997970c51812dc3a010c7d01b50e0d17dc79c8'),
])

describe('wrapping the key of a job', () => {
  const jobKey = new Uint8Array(randomBytes(32))
  const aad = Buffer.alloc(0)

  describe('given the independent HPKE of these tests', () => {
    it('gives the vector of the RFC, both ways', () => {
      expect(hpkeOpen('aes128', rfc, rfc, rfc.ct)).to.deep.equal(rfc.plain)
      expect(hpkeSeal('aes128', rfc.skE, rfc.pkR, rfc, rfc.plain)).to.deep.equal(rfc.ct)
    })

    it('opens what is wrapped here', async () => {
      const pair = await createEncryptionKeyPair()
      const wrapped = Buffer.from(hexToBytes(await wrapJobKey(jobKey, pair.publicKey, binding)))
      expect(wrapped.length).to.equal(wrappedKeyBytes)
      const recipient = { skR: Buffer.from(pair.privateKey), pkR: hex(pair.publicKey.slice(2)) }
      const sent = { enc: wrapped.subarray(0, 32), info: documentedInfo, aad }
      expect(new Uint8Array(hpkeOpen('aes256', recipient, sent, wrapped.subarray(32)))).to.deep.equal(jobKey)
    })

    it('seals what is unwrapped here', async () => {
      const sent = { enc: rfc.enc, info: documentedInfo, aad }
      const ct = hpkeSeal('aes256', rfc.skE, rfc.pkR, sent, Buffer.from(jobKey))
      const wrapped: Hex = `0x${rfc.enc.toString('hex')}${ct.toString('hex')}`
      expect(await unwrapJobKey(wrapped, rfc.skR, binding)).to.deep.equal(jobKey)
    })
  })

  it('is different each time', async () => {
    const { publicKey } = await createEncryptionKeyPair()
    expect(await wrapJobKey(jobKey, publicKey, binding)).not.to.equal(
      await wrapJobKey(jobKey, publicKey, binding),
    )
  })

  it('knows the public key of a private one', async () => {
    expect(await encryptionKeyOf(rfc.skR)).to.equal(`0x${rfc.pkR.toString('hex')}`)
    const { publicKey, privateKey } = await createEncryptionKeyPair()
    expect(await encryptionKeyOf(privateKey)).to.equal(publicKey)
  })

  const elsewhere: Record<string, JobKeyBinding> = {
    'another chain': { ...binding, chainId: 1 },
    'another market': { ...binding, market: binding.provider },
    'another job': { ...binding, jobId: `0x${'2f'.repeat(32)}` },
    'another provider': { ...binding, provider: binding.market },
  }
  for (const [name, other] of Object.entries(elsewhere)) {
    it(`is of no use in ${name}`, async () => {
      const { publicKey, privateKey } = await createEncryptionKeyPair()
      const wrapped = await wrapJobKey(jobKey, publicKey, binding)
      expect(await unwrapJobKey(wrapped, privateKey, binding)).to.deep.equal(jobKey)
      await rejection(unwrapJobKey(wrapped, privateKey, other), KeyUnwrapError)
    })
  }

  it('is of no use to another key', async () => {
    const [mine, other] = [await createEncryptionKeyPair(), await createEncryptionKeyPair()]
    const wrapped = await wrapJobKey(jobKey, mine.publicKey, binding)
    await rejection(unwrapJobKey(wrapped, other.privateKey, binding), KeyUnwrapError)
  })

  it('refuses whatever else may have been delivered', async () => {
    const { publicKey, privateKey } = await createEncryptionKeyPair()
    const short = await wrapJobKey(jobKey.subarray(0, 16), publicKey, binding)
    for (const wrapped of ['0x', '0x00', `0x${'00'.repeat(80)}`, `0x${'ff'.repeat(512)}`, short] as const)
      await rejection(unwrapJobKey(wrapped, privateKey, binding), KeyUnwrapError)
  })

  it('cannot be wrapped for what is no key', async () => {
    await rejection(wrapJobKey(jobKey, '0x1234', binding), EncryptionKeyError)
    // The point of which every secret makes zero: RFC 9180, section 7.1.4.
    await rejection(wrapJobKey(jobKey, `0x${'00'.repeat(32)}`, binding), EncryptionKeyError)
  })
})

describe('sealing with the key of a job', () => {
  const jobKey = new Uint8Array(randomBytes(32))
  const text = new TextEncoder().encode('the quick brown fox')

  it('is AES-256-GCM with a key that HKDF derives for the use', async () => {
    const sealed = await (await Sealer.create(jobKey, 'outputs')).seal(text, 7)
    const key = hkdfSync('sha256', jobKey, '', 'assay/private/outputs/1', 32)
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), hex('000000000000000000000007'))
    decipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    expect(new Uint8Array(plain)).to.deep.equal(text)
  })

  it('opens only with the same key, use and number, and unchanged', async () => {
    const sealer = await Sealer.create(jobKey, 'outputs')
    const sealed = await sealer.seal(text, 1)
    expect(await sealer.open(sealed, 'it', 1)).to.deep.equal(text)
    const changed = sealed.slice()
    changed[3]! ^= 1
    const otherKey = await Sealer.create(new Uint8Array(randomBytes(32)), 'outputs')
    const otherUse = await Sealer.create(jobKey, 'leaves')
    for (const attempt of [
      sealer.open(sealed, 'it', 2),
      sealer.open(changed, 'it', 1),
      sealer.open(sealed.subarray(1), 'it', 1),
      sealer.open(new Uint8Array(), 'it', 1),
      otherKey.open(sealed, 'it', 1),
      otherUse.open(sealed, 'it', 1),
    ])
      await rejection(attempt, SealBrokenError)
  })
})

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { wrapJobKey } from 'assay'
import { expect } from 'chai'
import { EncryptionKeyFileError } from '../src/errors.ts'
import { EncryptionKey } from '../src/provider/encryptionKey.ts'

const binding = {
  chainId: 31_337,
  market: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
  jobId: `0x${'1f'.repeat(32)}`,
  provider: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
} as const

describe("the provider's encryption key", () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-key-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const path = () => join(folder, 'encryption.key')

  it('is made at the first start, for its owner alone, and is the same ever after', async () => {
    const first = await EncryptionKey.load(folder)
    expect(statSync(path()).mode & 0o777).to.equal(0o600)
    expect(readdirSync(folder)).to.deep.equal(['encryption.key'])
    expect((await EncryptionKey.load(folder)).publicKey).to.equal(first.publicKey)
  })

  it('unwraps what was wrapped for its public half', async () => {
    const jobKey = new Uint8Array(randomBytes(32))
    const { publicKey } = await EncryptionKey.load(folder)
    const wrapped = await wrapJobKey(jobKey, publicKey, binding)
    expect(await (await EncryptionKey.load(folder)).unwrap(wrapped, binding)).to.deep.equal(jobKey)
  })

  it('does not show its private half', async () => {
    const key = await EncryptionKey.load(folder)
    const secret = readFileSync(path(), 'utf8').trim()
    expect(`${inspect(key, { depth: 9, showHidden: true })} ${JSON.stringify(key)}`).not.to.contain(secret)
  })

  it('is refused, and left as it is, where it cannot be read', async () => {
    for (const text of ['', 'not a key', 'ab'.repeat(31)]) {
      writeFileSync(path(), text)
      const error = await EncryptionKey.load(folder).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      expect(error).to.be.instanceOf(EncryptionKeyFileError)
      expect(readFileSync(path(), 'utf8')).to.equal(text)
    }
  })
})

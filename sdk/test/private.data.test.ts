import { expect } from 'chai'
import {
  contentHash,
  contentRef,
  emptyContentHash,
  InvalidStoreUrlError,
  inputsRoot,
  PrivateDataMismatchError,
  PrivateDataUriError,
  packInputs,
  SealBrokenError,
  saltBytes,
} from '../src/index.ts'
import {
  openInputs,
  parsePrivateDataUri,
  privateDataUri,
  Sealer,
  saltInput,
  sealInputs,
  unsaltOutput,
} from '../src/private/index.ts'
import { rejection } from './helpers/rejection.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const secrets = ['no', 'the patient is well', ''].map(bytesOf)
const shared = bytesOf('weights of the model')

describe('sealing the inputs of a job', () => {
  const tasks = secrets.length

  it('gives others a turn while it compares what was sealed with its roots', async () => {
    const { sealed, jobKey, ...roots } = await sealInputs([new Uint8Array(2 ** 25).fill(1)])
    let turns = 0
    let isOpen = true
    const take = () => {
      turns++
      if (isOpen) setTimeout(take)
    }
    const { subtle } = crypto
    const decrypt = subtle.decrypt
    // Only what comes behind the decryption counts: that is done elsewhere.
    subtle.decrypt = async (...args) => {
      const opened = await decrypt.apply(subtle, args)
      turns = 0
      return opened
    }
    try {
      setTimeout(take)
      await openInputs(sealed, jobKey, { ...roots, tasks: 1 })
    } finally {
      isOpen = false
      subtle.decrypt = decrypt
    }
    expect(turns).to.be.above(0)
  })

  it('gives back what was sealed, behind the random words', async () => {
    const { sealed, jobKey, ...roots } = await sealInputs(secrets, shared)
    const opened = await openInputs(sealed, jobKey, { ...roots, tasks })
    expect(opened.inputs.map((input) => textOf(input.subarray(saltBytes)))).to.deep.equal(secrets.map(textOf))
    expect(textOf(opened.shared.subarray(saltBytes))).to.equal(textOf(shared))
    expect(roots.inputsRoot).to.equal(inputsRoot(opened.inputs.map(contentRef)))
    expect(roots.sharedInput).to.equal(contentHash(contentRef(opened.shared)))
  })

  it('has no shared input where there is none', async () => {
    const { sealed, jobKey, ...roots } = await sealInputs(secrets)
    expect(roots.sharedInput).to.equal(emptyContentHash)
    expect((await openInputs(sealed, jobKey, { ...roots, tasks })).shared.length).to.equal(0)
  })

  it('shows nothing of them: neither their bytes nor the roots that a guess would have', async () => {
    const { sealed, ...roots } = await sealInputs(secrets, shared)
    const all = Buffer.from(sealed).toString('latin1')
    for (const secret of ['patient', 'weights']) expect(all).not.to.contain(secret)
    expect(roots.inputsRoot).not.to.equal(inputsRoot(secrets.map(contentRef)))
    expect(roots.sharedInput).not.to.equal(contentHash(contentRef(shared)))
  })

  it('has another key, other roots and other bytes each time', async () => {
    const [a, b] = [await sealInputs(secrets, shared), await sealInputs(secrets, shared)]
    expect(a.jobKey).not.to.deep.equal(b.jobKey)
    expect(a.inputsRoot).not.to.equal(b.inputsRoot)
    expect(a.sharedInput).not.to.equal(b.sharedInput)
    expect(a.sealed.subarray(0, 64)).not.to.deep.equal(b.sealed.subarray(0, 64))
  })

  describe('when it is opened with another key', () => {
    it('throws', async () => {
      const { sealed, ...roots } = await sealInputs(secrets)
      const { jobKey } = await sealInputs(secrets)
      await rejection(openInputs(sealed, jobKey, { ...roots, tasks }), SealBrokenError)
    })
  })

  describe('when it is not what the terms name', () => {
    it('throws, whatever differs', async () => {
      const { sealed, jobKey, ...roots } = await sealInputs(secrets, shared)
      const other = await sealInputs(secrets, shared)
      for (const terms of [
        { ...roots, tasks: tasks + 1 },
        { ...roots, inputsRoot: other.inputsRoot, tasks },
        { ...roots, sharedInput: other.sharedInput, tasks },
      ])
        await rejection(openInputs(sealed, jobKey, terms), PrivateDataMismatchError)
    })
  })

  describe('when whoever sealed it did not keep to the format', () => {
    it('throws, whatever was sealed', async () => {
      const { jobKey, inputsRoot } = await sealInputs(secrets)
      const sealer = await Sealer.create(jobKey, 'inputs')
      const terms = { inputsRoot, sharedInput: emptyContentHash, tasks }
      const pack = packInputs(secrets)
      for (const bytes of [
        [],
        [0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [255, 255, 255, 255, 255, 255, 255, 255, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, ...pack.subarray(1)],
        [0, 0, 0, 0, 0, 0, 0, 0, ...pack],
      ]) {
        const sealed = await sealer.seal(Uint8Array.from(bytes))
        await rejection(openInputs(sealed, jobKey, terms), PrivateDataMismatchError)
      }
    })
  })
})

describe('the random word', () => {
  it('stands before an input, another one each time', () => {
    const [a, b] = [saltInput(bytesOf('yes')), saltInput(bytesOf('yes'))]
    expect(a.length).to.equal(saltBytes + 3)
    expect(textOf(a.subarray(saltBytes))).to.equal('yes')
    expect(a).not.to.deep.equal(b)
  })

  it('is taken off an output; what a program wrote may be nothing, but not half a word', () => {
    expect(textOf(unsaltOutput(saltInput(bytesOf('yes'))))).to.equal('yes')
    expect(unsaltOutput(new Uint8Array())).to.deep.equal(new Uint8Array())
    expect(() => unsaltOutput(new Uint8Array(31))).to.throw(PrivateDataMismatchError)
  })
})

describe('the data URI of a private job', () => {
  const hash = `0x${'ab'.repeat(32)}` as const

  it('names the store and the sealed inputs', () => {
    const uri = privateDataUri('http://127.0.0.1:4400/', hash)
    expect(uri).to.equal(`http://127.0.0.1:4400#${hash}`)
    expect(parsePrivateDataUri(uri)).to.deep.equal({ store: 'http://127.0.0.1:4400', sealedHash: hash })
  })

  it('is refused without a hash', () => {
    for (const uri of ['http://127.0.0.1:4400', 'http://127.0.0.1:4400#', `http://127.0.0.1:4400#${hash}0`])
      expect(() => parsePrivateDataUri(uri)).to.throw(PrivateDataUriError)
  })

  it('is refused where the store is no store', () => {
    expect(() => parsePrivateDataUri(`file:///etc#${hash}`)).to.throw(InvalidStoreUrlError)
    expect(() => parsePrivateDataUri(`http://a/?x=1#${hash}`)).to.throw(InvalidStoreUrlError)
    expect(() => privateDataUri('http://a/#b', hash)).to.throw(InvalidStoreUrlError)
  })
})

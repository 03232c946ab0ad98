import { keccak_256 } from '@noble/hashes/sha3.js'
import { expect } from 'chai'
import { createPlainHasher } from '../src/trees/keccak.ts'
import { Keccak } from '../src/vm/fast/hashing.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'

describe(`keccak256 in WebAssembly, VM_SEED=${vmSeed}`, () => {
  const keccak = new Keccak()
  const hash = (message: Uint8Array) => {
    const out = new Uint8Array(40)
    keccak.hashInto(message, out, 5)
    return out.slice(5, 37)
  }

  it('gives what noble gives for every length from 0 to 300', () => {
    const random = new Random(vmSeed)
    for (let length = 0; length <= 300; length++) {
      const message = random.bytes(length)
      expect(hash(message), `${length} bytes`).to.deep.equal(keccak_256(message))
    }
  })

  it('gives what noble gives for long messages', () => {
    const random = new Random(vmSeed)
    for (const length of [135, 136, 137, 271, 272, 273, 65_535, 65_536]) {
      const message = random.bytes(length)
      expect(hash(message), `${length} bytes`).to.deep.equal(keccak_256(message))
    }
    for (let i = 0; i < 200; i++) {
      const message = random.bytes(random.below(3000))
      expect(hash(message)).to.deep.equal(keccak_256(message))
    }
  })

  it('gives what noble gives for messages of zeros and of ones', () => {
    for (const byte of [0x00, 0xff]) {
      for (const length of [1, 64, 129, 136, 200]) {
        const message = new Uint8Array(length).fill(byte)
        expect(hash(message)).to.deep.equal(keccak_256(message))
      }
    }
  })

  it('gives what the hasher in JavaScript gives, with a tag and without', () => {
    const random = new Random(vmSeed)
    const plain = createPlainHasher()
    for (let length = 0; length < 135; length++) {
      const message = random.bytes(length)
      const [mine, other] = [new Uint8Array(64), new Uint8Array(64)]
      keccak.hashInto(message, mine, 0)
      plain.hashInto(message, other, 0)
      keccak.hashTaggedInto(length, message, mine, 32)
      plain.hashTaggedInto(length, message, other, 32)
      expect(mine, `${length} bytes`).to.deep.equal(other)
    }
  })
})

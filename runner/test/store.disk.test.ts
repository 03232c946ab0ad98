import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ContentKind, contentKey, emptyContentHash, MalformedInputPackError, packInputs } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { DiskStore } from '../src/store/disk.ts'
import {
  CorruptStoreFileError,
  StoreFolderError,
  UploadMismatchError,
  UploadTooLargeError,
} from '../src/store/errors.ts'
import { bytesOf, collect, programOf, rejection } from './helpers/store.ts'

describe('DiskStore', () => {
  let folder: string
  let store: DiskStore

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-store-'))
    store = new DiskStore(folder)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const pathOf = (kind: ContentKind, key: Hex) =>
    join(folder, kind, key.slice(2, 4), key.slice(4, 6), key.slice(6))
  const leftovers = () => readdir(join(folder, 'incoming'))
  async function* inPieces(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }

  describe('given bytes put into it', () => {
    const kinds: [ContentKind, Uint8Array][] = [
      ['programs', programOf(1)],
      ['inputs', packInputs([bytesOf(10), bytesOf(0), bytesOf(500)])],
      ['content', bytesOf(300_000)],
    ]
    for (const [kind, bytes] of kinds) {
      it(`gives back ${kind}, also to another process`, async () => {
        const key = await store.put(kind, bytes)
        expect(key).to.equal(await contentKey(kind, bytes))
        for (const reader of [store, new DiskStore(folder)]) {
          expect(await reader.has(kind, key)).to.equal(true)
          expect(await reader.get(kind, key)).to.deep.equal(bytes)
        }
        expect(new Uint8Array(await readFile(pathOf(kind, key)))).to.deep.equal(bytes)
        expect(await leftovers()).to.deep.equal([])
      })
    }

    it('takes a key in any case', async () => {
      const key = await store.put('content', bytesOf(10))
      expect(await store.get('content', `0x${key.slice(2).toUpperCase()}`)).to.deep.equal(bytesOf(10))
    })

    it('streams from any place on, verified or not', async () => {
      const bytes = bytesOf(300_000)
      const key = await store.put('content', bytes)
      for (const start of [0, 1, 262_143, 262_144, 262_145, 299_998, 299_999, 300_000]) {
        for (const reader of [store, new DiskStore(folder)]) {
          const found = await reader.find('content', key)
          expect(found?.length).to.equal(bytes.length)
          const got = await collect(found!.stream(start))
          expect(Buffer.concat(got).equals(bytes.subarray(start)), `from ${start}`).to.equal(true)
        }
      }
    })

    it('takes the same bytes again, and at once from several sides', async () => {
      const keys = await Promise.all(Array.from({ length: 5 }, () => store.put('content', bytesOf(5000))))
      expect(new Set(keys).size).to.equal(1)
      expect(await store.get('content', keys[0]!)).to.deep.equal(bytesOf(5000))
      expect(await leftovers()).to.deep.equal([])
    })

    it('keeps the shortest file of a program', async () => {
      const short = programOf(1)
      const long = Buffer.concat([short, Uint8Array.of(0, 3, 1, 0x78, 0)])
      const key = await store.put('programs', long)
      for (const [put, kept] of [
        [long, long],
        [short, short],
        [long, short],
      ] as const) {
        expect(await store.put('programs', put)).to.equal(key)
        expect(Buffer.compare((await store.get('programs', key))!, kept)).to.equal(0)
      }
      await writeFile(pathOf('programs', key), short.with(-1, 0xff))
      await store.put('programs', long)
      expect(Buffer.compare((await store.get('programs', key))!, long)).to.equal(0)
      expect(await leftovers()).to.deep.equal([])
    })

    it('keeps kinds apart', async () => {
      const key = await store.put('programs', programOf(1))
      expect(await store.get('content', key)).to.equal(undefined)
    })
  })

  describe('given bytes that arrive in pieces', () => {
    it('keeps what has the key', async () => {
      for (const size of [1000, 77_777]) {
        const bytes = bytesOf(200_000, size)
        const key = await contentKey('content', bytes)
        await store.receive('content', key, inPieces(bytes, size), 200_000)
        expect(await store.get('content', key)).to.deep.equal(bytes)
      }
    })

    it('keeps nothing that has another key', async () => {
      const key = await contentKey('content', bytesOf(200_000))
      const wrong = bytesOf(200_000, 1)
      const error = await rejection(
        store.receive('content', key, inPieces(wrong, 50_000), 200_000),
        UploadMismatchError,
      )
      expect(error.message)
        .to.include(`Expected: ${key}`)
        .and.include(await contentKey('content', wrong))
      expect(await store.has('content', key)).to.equal(false)
      expect(await leftovers()).to.deep.equal([])
    })

    it('keeps no inputs that are no pack', async () => {
      const key = await contentKey('inputs', packInputs([bytesOf(5)]))
      const error = await rejection(
        store.receive('inputs', key, inPieces(bytesOf(100), 10), 1000),
        UploadMismatchError,
      )
      expect(error.message).to.include('not well-formed')
      await rejection(store.put('inputs', new Uint8Array(9)), MalformedInputPackError)
    })

    it('breaks off beyond the limit', async () => {
      const bytes = bytesOf(1001)
      const key = await contentKey('content', bytes)
      await rejection(store.receive('content', key, inPieces(bytes, 100), 1000), UploadTooLargeError)
      expect(await leftovers()).to.deep.equal([])
    })

    it('keeps nothing of a sender that fails, and passes on why', async () => {
      const failure = new RangeError('gone')
      async function* failing() {
        yield bytesOf(10)
        throw failure
      }
      const key = await contentKey('content', bytesOf(10))
      expect(await rejection(store.receive('content', key, failing(), 1000), RangeError)).to.equal(failure)
      expect(await store.has('content', key)).to.equal(false)
      expect(await leftovers()).to.deep.equal([])
    })
  })

  describe('given nothing', () => {
    it('has nothing but the empty content', async () => {
      expect(await store.get('content', `0x${'00'.repeat(32)}`)).to.equal(undefined)
      expect(await store.get('content', emptyContentHash)).to.deep.equal(new Uint8Array())
      expect(await store.has('programs', emptyContentHash)).to.equal(false)
    })
  })

  describe('given a file that became corrupt', () => {
    const bytes = bytesOf(300_000)
    const faults: [string, (path: string) => Promise<unknown>][] = [
      ['a flipped bit at its end', (path) => writeFile(path, flipped(bytes, bytes.length - 1))],
      ['a flipped bit at its start', (path) => writeFile(path, flipped(bytes, 0))],
      ['its end cut off', (path) => truncate(path, 200_000)],
      ['nothing in it', (path) => truncate(path, 0)],
      ['zeros appended', (path) => writeFile(path, Buffer.concat([bytes, Buffer.alloc(5)]))],
    ]
    for (const [what, damage] of faults) {
      it(`refuses ${what}, moves it aside and takes the content anew`, async () => {
        const key = await new DiskStore(folder).put('content', bytes)
        await damage(pathOf('content', key))

        const error = await rejection(store.get('content', key), CorruptStoreFileError)
        expect(error.retryable).to.equal(true)
        expect(error.message).to.include(pathOf('content', key)).and.include(`Expected: ${key}`)
        expect(await readdir(join(folder, 'corrupt'))).to.have.length(1)

        expect(await store.get('content', key)).to.equal(undefined)
        expect(await store.put('content', bytes)).to.equal(key)
        expect(await store.get('content', key)).to.deep.equal(bytes)
      })
    }

    it('refuses an input pack that is none any more', async () => {
      const key = await store.put('inputs', packInputs([bytesOf(100)]))
      await writeFile(pathOf('inputs', key), new Uint8Array(50))
      await rejection(store.get('inputs', key), CorruptStoreFileError)
    })

    it('never hands out the last chunk, so that no reader has it whole', async () => {
      const key = await store.put('content', bytes)
      await writeFile(pathOf('content', key), flipped(bytes, 10))
      const got: Uint8Array[] = []
      const read = async () => {
        const found = await new DiskStore(folder).find('content', key)
        for await (const chunk of found!.stream()) got.push(chunk)
      }
      await rejection(read(), CorruptStoreFileError)
      expect(Buffer.concat(got).length).to.be.lessThan(bytes.length)
    })

    it('finds it although the file was good when this process wrote or read it', async () => {
      const key = await store.put('content', bytes)
      expect(await store.get('content', key)).to.deep.equal(bytes)
      await writeFile(pathOf('content', key), flipped(bytes, 10))
      await rejection(store.get('content', key), CorruptStoreFileError)
    })
  })

  describe('given a folder with a past', () => {
    it('clears what was being written long ago, and nothing younger', async () => {
      await mkdir(join(folder, 'incoming'), { recursive: true })
      for (const name of ['old', 'young']) await writeFile(join(folder, 'incoming', name), 'x')
      const longAgo = new Date(Date.now() - 7_200_000)
      await utimes(join(folder, 'incoming', 'old'), longAgo, longAgo)
      await store.put('content', bytesOf(1))
      expect(await leftovers()).to.deep.equal(['young'])
    })

    it('says when it cannot be used', async () => {
      await writeFile(join(folder, 'file'), '')
      const blocked = new DiskStore(join(folder, 'file'))
      const error = await rejection(blocked.put('content', bytesOf(1)), StoreFolderError)
      expect(error.message).to.include(join(folder, 'file')).and.include('not a directory')
      await rejection(blocked.find('content', `0x${'00'.repeat(32)}`), StoreFolderError)
    })

    it('says when a content cannot be read', async () => {
      const key = await store.put('content', bytesOf(10))
      await rm(pathOf('content', key))
      await mkdir(pathOf('content', key))
      await rejection(store.get('content', key), StoreFolderError)
    })

    it('tells how much room there is, also before it has anything', async () => {
      const fresh = new DiskStore(join(folder, 'fresh'))
      expect(await fresh.freeBytes())
        .to.be.a('number')
        .that.is.above(0)
      await writeFile(join(folder, 'file'), '')
      await rejection(new DiskStore(join(folder, 'file')).freeBytes(), StoreFolderError)
    })

    it('works behind a link', async () => {
      await mkdir(join(folder, 'real'))
      await symlink(join(folder, 'real'), join(folder, 'link'))
      const key = await new DiskStore(join(folder, 'link')).put('content', bytesOf(10))
      expect(await new DiskStore(join(folder, 'real')).get('content', key)).to.deep.equal(bytesOf(10))
    })
  })
})

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at]! ^= 1
  return copy
}

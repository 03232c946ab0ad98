import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ContentCache, type ContentKind, contentKey, emptyContentHash } from 'assay'
import type { Hex } from 'viem'
import {
  CorruptStoreFileError,
  StoreFolderError,
  UploadMismatchError,
  UploadTooLargeError,
} from './errors.ts'
import { KeyCheck } from './keyCheck.ts'

/** A content in the store. */
export type StoredContent = {
  /** In bytes. */
  length: number
  /**
   * The bytes from `start` on.
   * @throws {CorruptStoreFileError} before the last chunk at the latest
   */
  stream: (start?: number) => AsyncGenerator<Uint8Array, void, undefined>
}

const chunkSize = 256 * 1024
/** Files that this process knows to be good; forgetting them costs another verification each. */
const maxVerified = 50_000
const staleAfterMs = 3_600_000

/**
 * Contents in a folder, under `{kind}/{2 digits of the key}/{2 digits}/{the rest}`.
 *
 * A content appears under its name complete and durable, or not at all: it is written beside, verified, synced and
 * renamed. What a disk does to it later is found when a process reads it for the first time: the file is hashed while
 * it is read, and the last chunk is held back until the key is right. So a wrong file is never handed out whole.
 */
export class DiskStore implements ContentCache {
  readonly folder: string
  /** Path → identity of the file that was verified there. */
  readonly #verified = new Map<string, string>()
  #prepared: Promise<void> | undefined

  constructor(folder: string) {
    this.folder = folder
  }

  /**
   * Bytes that can still be written to the disk under the folder.
   * @throws {StoreFolderError}
   */
  async freeBytes(): Promise<number> {
    await this.#prepare()
    const { bavail, bsize } = await this.#disk(statfs(this.folder))
    return bavail * bsize
  }

  /** Whether the store has a content, as far as file names tell. */
  async has(kind: ContentKind, key: Hex): Promise<boolean> {
    return (await this.find(kind, key)) !== undefined
  }

  /**
   * A content, to be streamed. The empty one is always there.
   * @returns undefined if the store does not have it
   * @throws {StoreFolderError}
   */
  async find(kind: ContentKind, key: Hex): Promise<StoredContent | undefined> {
    if (kind === 'content' && key.toLowerCase() === emptyContentHash) return { length: 0, async *stream() {} }
    const path = this.#path(kind, key)
    const found = await stat(path).catch((error) => {
      if (error.code === 'ENOENT') return undefined
      throw new StoreFolderError({ folder: this.folder, cause: error })
    })
    if (found === undefined) return undefined
    return { length: found.size, stream: (start = 0) => this.#read(kind, key, path, start) }
  }

  /**
   * A content as a whole.
   * @returns undefined if the store does not have it
   * @throws {CorruptStoreFileError | StoreFolderError}
   */
  async get(kind: ContentKind, key: Hex): Promise<Uint8Array | undefined> {
    const found = await this.find(kind, key)
    if (found === undefined) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of found.stream()) chunks.push(chunk)
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }

  /**
   * Keeps some bytes.
   * @returns their key
   * @throws {MalformedInputPackError | ContentLengthError | StoreFolderError}
   */
  async put(kind: ContentKind, bytes: Uint8Array): Promise<Hex> {
    const key = await contentKey(kind, bytes)
    await this.#write(kind, key, (append) => append(bytes))
    return key
  }

  /**
   * Keeps bytes that arrive in pieces, if they are what the key says.
   * @throws {UploadMismatchError | UploadTooLargeError | StoreFolderError}, and what `chunks` throws
   */
  async receive(
    kind: ContentKind,
    key: Hex,
    chunks: AsyncIterable<Uint8Array>,
    maxLength: number,
  ): Promise<void> {
    await this.#write(kind, key, async (append) => {
      const check = new KeyCheck(kind, key)
      for await (const chunk of chunks) {
        check.update(chunk)
        if (check.length > maxLength) throw new UploadTooLargeError({ maxLength })
        await append(chunk)
      }
      const fault = check.finish()
      if (fault !== undefined) throw new UploadMismatchError({ kind, expected: key, got: fault })
    })
  }

  async *#read(
    kind: ContentKind,
    key: Hex,
    path: string,
    start: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.#disk(open(path))
    try {
      const identity = await identityOf(file)
      if (this.#verified.get(path) === identity) {
        yield* this.#chunks(file, start)
        return
      }
      const check = new KeyCheck(kind, key)
      let held: Uint8Array | undefined
      for await (const chunk of this.#chunks(file, 0)) {
        if (held !== undefined && held.length > 0) yield held
        held = chunk.subarray(Math.max(0, start - check.length))
        check.update(chunk)
      }
      const fault = check.finish()
      if (fault !== undefined) throw await this.#setAside(kind, key, path, fault)
      this.#remember(path, identity)
      if (held !== undefined && held.length > 0) yield held
    } finally {
      await file.close()
    }
  }

  async *#chunks(file: FileHandle, start: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; ; ) {
      const chunk = new Uint8Array(chunkSize)
      const { bytesRead } = await this.#disk(file.read(chunk, 0, chunkSize, at))
      if (bytesRead === 0) return
      at += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  }

  /** Writes a file beside, and puts it into its place once `fill` has appended everything without objecting. */
  async #write(
    kind: ContentKind,
    key: Hex,
    fill: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    await this.#prepare()
    const path = this.#path(kind, key)
    const beside = join(this.folder, 'incoming', randomUUID())
    const file = await this.#disk(open(beside, 'wx'))
    try {
      let identity: string
      let length = 0
      try {
        await fill((bytes) => {
          length += bytes.length
          return this.#disk(file.writeFile(bytes))
        })
        await this.#disk(file.sync())
        identity = await identityOf(file)
      } finally {
        await file.close()
      }
      if (kind === 'programs' && (await this.#hasWithin(kind, key, length))) return await rm(beside)
      this.#remember(path, identity)
      await this.#disk(mkdir(dirname(path), { recursive: true }))
      await this.#disk(rename(beside, path))
      await syncFolder(dirname(path))
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
  }

  /**
   * Whether there is a good file of that key which is no longer than that. Programs have as many files as one likes, so
   * that somebody could replace one by another that is too long for others; the shortest stays.
   */
  async #hasWithin(kind: ContentKind, key: Hex, length: number): Promise<boolean> {
    const kept = await this.find(kind, key)
    if (kept === undefined || kept.length > length) return false
    try {
      for await (const _ of kept.stream());
      return true
    } catch (error) {
      if (error instanceof CorruptStoreFileError) return false
      throw error
    }
  }

  async #setAside(kind: ContentKind, key: Hex, path: string, got: string): Promise<CorruptStoreFileError> {
    const movedTo = join(this.folder, 'corrupt', `${kind}-${key.slice(2)}-${randomUUID()}`)
    await this.#disk(mkdir(dirname(movedTo), { recursive: true }))
    await this.#disk(rename(path, movedTo))
    return new CorruptStoreFileError({ path, movedTo, expected: key, got })
  }

  #remember(path: string, identity: string): void {
    if (this.#verified.size >= maxVerified) this.#verified.clear()
    this.#verified.set(path, identity)
  }

  /** Makes the folder, and clears away what was being written when a process died. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#disk(prepare(join(this.folder, 'incoming'))).catch((error) => {
      this.#prepared = undefined
      throw error
    })
    return this.#prepared
  }

  #path(kind: ContentKind, key: Hex): string {
    const digits = key.slice(2).toLowerCase()
    return join(this.folder, kind, digits.slice(0, 2), digits.slice(2, 4), digits.slice(4))
  }

  async #disk<result>(work: Promise<result>): Promise<result> {
    try {
      return await work
    } catch (cause) {
      throw new StoreFolderError({ folder: this.folder, cause })
    }
  }
}

async function prepare(incoming: string): Promise<void> {
  await mkdir(incoming, { recursive: true })
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const file = await stat(path).catch(() => undefined)
    // another process may be writing here: only what has not moved for long is left over
    if (file !== undefined && Date.now() - file.mtimeMs > staleAfterMs) await rm(path, { force: true })
  }
}

/** What changes when a file is replaced or written to. */
async function identityOf(file: FileHandle): Promise<string> {
  const { ino, size, mtimeNs } = await file.stat({ bigint: true })
  return `${ino}:${size}:${mtimeNs}`
}

/** Makes a rename durable. Some systems cannot open folders; there it already is, or cannot be made so. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type ContentKind,
  ContentMismatchError,
  ContentNotFoundError,
  contentHash,
  contentKey,
  contentRef,
  emptyContentHash,
  encodeLeaves,
  fetchContent,
  fetchInputs,
  fetchJobData,
  fetchLeaves,
  fetchOutputs,
  fetchProgram,
  JobDataMismatchError,
  type LeafRow,
  packInputs,
  putContent,
  putInputs,
  putProgram,
  ResultNotPublishedError,
  resultTree,
  StoreResponseError,
  StoreUnreachableError,
  UploadRefusedError,
} from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { DiskStore } from '../src/store/disk.ts'
import { CorruptStoreFileError, ListenError, PortInUseError, SourceLengthError } from '../src/store/errors.ts'
import { type StoreServer, type StoreServerOptions, startStoreServer } from '../src/store/server.ts'
import { bytesOf, collect, programOf, rejection } from './helpers/store.ts'

const maxUpload = 400_000

describe('store server', () => {
  let folder: string
  let content: DiskStore
  let server: StoreServer
  let url: string
  let errors: unknown[]

  async function start(options: Partial<StoreServerOptions> = {}): Promise<void> {
    server = await startStoreServer({
      port: 0,
      content,
      uploads: true,
      maxUpload,
      onError: (error) => errors.push(error),
      ...options,
    })
    url = server.url
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-store-'))
    content = new DiskStore(folder)
    errors = []
  })
  afterEach(async () => {
    await server.close({ graceMs: 0 })
    await rm(folder, { recursive: true, force: true })
    expect(errors).to.deep.equal([])
  })

  describe('given contents put by a client', () => {
    beforeEach(() => start())

    it('serves them to another', async () => {
      const bytes = bytesOf(300_000)
      const inputs = [bytesOf(3), bytesOf(0), bytesOf(70_000)]
      const program = programOf(1)
      const programId = await putProgram({ url, bytes: program })
      expect(await fetchProgram({ url, programId })).to.deep.equal(program)
      expect(await fetchContent({ url, contentHash: await putContent({ url, bytes }) })).to.deep.equal(bytes)
      const inputsRoot = await putInputs({ url, bytes: packInputs(inputs) })
      expect([...(await fetchInputs({ url, inputsRoot, tasks: 3 }))]).to.deep.equal(inputs)
    })

    it('takes and serves the empty content', async () => {
      expect(await putContent({ url, bytes: new Uint8Array() })).to.equal(emptyContentHash)
      const response = await fetch(`${url}/content/${emptyContentHash}`)
      expect([response.status, (await response.bytes()).length]).to.deep.equal([200, 0])
    })

    it('answers HEAD with the length and no body', async () => {
      const key = await putContent({ url, bytes: bytesOf(500) })
      const response = await fetch(`${url}/content/${key}`, { method: 'HEAD' })
      expect(response.status).to.equal(200)
      expect(response.headers.get('content-length')).to.equal('500')
      expect(await response.text()).to.equal('')
      const missing = await fetch(`${url}/programs/${key}`, { method: 'HEAD' })
      expect(missing.status).to.equal(404)
    })

    it('says that a content never changes', async () => {
      const key = await putContent({ url, bytes: bytesOf(500) })
      const { headers } = await fetch(`${url}/content/${key}`)
      expect(headers.get('content-type')).to.equal('application/octet-stream')
      expect(headers.get('cache-control')).to.include('immutable')
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
    })

    it('goes on from any byte', async () => {
      const bytes = bytesOf(300_000)
      const key = await putContent({ url, bytes })
      const get = (range: string) => fetch(`${url}/content/${key}`, { headers: { range } })
      const part = await get('bytes=100000-')
      expect([part.status, part.headers.get('content-range')]).to.deep.equal([
        206,
        'bytes 100000-299999/300000',
      ])
      expect(Buffer.from(await part.bytes()).equals(bytes.subarray(100_000))).to.equal(true)
      expect((await get('bytes=300000-')).status).to.equal(416)
      for (const range of ['bytes=5-10', 'bytes=-5', 'bytes=0-', 'lines=1-', 'bytes=1-2,4-'])
        expect((await get(range)).status, range).to.equal(200)
    })

    it('serves many at once', async () => {
      const keys = await Promise.all(
        Array.from({ length: 40 }, (_, seed) => putContent({ url, bytes: bytesOf(2_000, seed) })),
      )
      const all = await Promise.all(keys.map((contentHash) => fetchContent({ url, contentHash })))
      expect(all.map((bytes) => bytes[0])).to.deep.equal(all.map((_, seed) => seed + 1))
    })
  })

  describe('given a job whose data a requester put', () => {
    const program = programOf(0)
    const shared = bytesOf(3000, 1)
    const inputs = [bytesOf(10), bytesOf(20, 1), bytesOf(0)]
    let terms: { dataUri: string; programId: Hex; inputsRoot: Hex; sharedInput: Hex; tasks: number }

    beforeEach(async () => {
      await start()
      terms = {
        dataUri: url,
        programId: await putProgram({ url, bytes: program }),
        inputsRoot: await putInputs({ url, bytes: packInputs(inputs) }),
        sharedInput: await putContent({ url, bytes: shared }),
        tasks: 3,
      }
    })

    it('is fetched as the chain names it', async () => {
      expect(await fetchJobData(terms)).to.deep.equal({ program, shared, inputs })
    })

    it('needs no shared input', async () => {
      const data = await fetchJobData({ ...terms, sharedInput: emptyContentHash })
      expect(data.shared).to.have.length(0)
    })

    it('comes out of a cache when the store is gone', async () => {
      const cache = new DiskStore(join(folder, 'cache'))
      await fetchJobData({ ...terms, cache })
      await server.close({ graceMs: 0 })
      expect(await fetchJobData({ ...terms, cache })).to.deep.equal({ program, shared, inputs })
      await rejection(fetchJobData(terms), StoreUnreachableError)
    })

    it('is refused when there is not one input for each task, cached or not', async () => {
      const cache = new DiskStore(join(folder, 'cache'))
      await fetchJobData({ ...terms, cache })
      await rejection(fetchJobData({ ...terms, tasks: 4 }), JobDataMismatchError)
      await rejection(fetchJobData({ ...terms, tasks: 4, cache }), JobDataMismatchError)
    })

    it('is refused beyond the limits, cached or not', async () => {
      const cache = new DiskStore(join(folder, 'cache'))
      await fetchJobData({ ...terms, cache })
      for (const limits of [{ maxProgram: program.length - 1 }, { maxShared: 2999 }, { maxInputs: 57 }]) {
        for (const options of [{ limits }, { limits, cache }])
          expect((await rejection(fetchJobData({ ...terms, ...options }), Error)).name).to.equal(
            'ContentTooLargeError',
          )
      }
      const exact = { maxProgram: program.length, maxShared: 3000, maxInputs: 58 }
      expect(await fetchJobData({ ...terms, limits: exact })).to.deep.equal({ program, shared, inputs })
    })

    it('is not found under another name', async () => {
      const other = await contentKey('programs', programOf(1))
      await rejection(fetchJobData({ ...terms, programId: other }), ContentNotFoundError)
    })
  })

  describe('given an upload that must not be kept', () => {
    const put = (path: string, body: Uint8Array) =>
      fetch(`${url}${path}`, { method: 'PUT', body: Buffer.from(body) })

    it('refuses all where uploads are off', async () => {
      await start({ uploads: false })
      const error = await rejection(putContent({ url, bytes: bytesOf(100_000) }), UploadRefusedError)
      expect(error.status).to.equal(405)
      expect(error.message).to.include('This store takes no uploads.')
      expect(await content.has('content', await contentKey('content', bytesOf(100_000)))).to.equal(false)
    })

    it('refuses all where nothing is stored at all', async () => {
      await start({ content: undefined })
      expect((await rejection(putContent({ url, bytes: bytesOf(9) }), UploadRefusedError)).status).to.equal(
        405,
      )
    })

    it('refuses what is too large, announced or not', async () => {
      await start()
      const bytes = bytesOf(maxUpload + 1)
      const error = await rejection(putContent({ url, bytes }), UploadRefusedError)
      expect(error.status).to.equal(413)
      const key = await contentKey('content', bytes)
      const response = await fetch(`${url}/content/${key}`, {
        method: 'PUT',
        body: Readable.toWeb(Readable.from([bytes.subarray(0, maxUpload), bytes])),
        duplex: 'half',
      } as RequestInit)
      expect([response.status, (await response.json()).error]).to.deep.equal([413, 'UploadTooLargeError'])
      expect(await putContent({ url, bytes: bytes.subarray(1) })).to.be.a('string')
    })

    it('refuses what its key does not say', async () => {
      await start()
      for (const kind of ['programs', 'inputs', 'content'] as ContentKind[]) {
        const key = await contentKey(kind, kind === 'programs' ? programOf(0) : packInputs([bytesOf(100)]))
        for (const body of [packInputs([bytesOf(100, 1)]), bytesOf(100), programOf(1), new Uint8Array()]) {
          const response = await put(`/${kind}/${key}`, body)
          expect([response.status, (await response.json()).error]).to.deep.equal([422, 'UploadMismatchError'])
        }
        expect(await content.has(kind, key)).to.equal(false)
      }
    })

    it('keeps nothing of a client that goes away', async () => {
      await start()
      const bytes = bytesOf(200_000)
      const key = await contentKey('content', bytes)
      const upload = request(`${url}/content/${key}`, {
        method: 'PUT',
        headers: { 'content-length': bytes.length },
      })
      await new Promise<void>((resolve) => upload.write(bytes.subarray(0, 100_000), () => resolve()))
      const closed = new Promise((resolve) => upload.once('close', resolve))
      upload.on('error', () => undefined).destroy()
      await closed
      expect(await content.has('content', key)).to.equal(false)
      await rejection(fetchContent({ url, contentHash: key }), ContentNotFoundError)
    })
  })

  describe('given a request that it does not know', () => {
    beforeEach(() => start())
    const key = `0x${'12'.repeat(32)}`

    it('answers 404 in JSON', async () => {
      for (const path of [
        '/',
        '/content',
        `/content/${key}/`,
        `/content/${key.slice(0, -1)}`,
        `/content/${key}00`,
        `/other/${key}`,
        `/jobs/${key}`,
        `/jobs/${key}/other`,
        `/content/${key}/../../x`,
        '/content/..%2f..%2fetc%2fpasswd',
      ]) {
        const response = await fetch(`${url}${path}`)
        expect(response.status, path).to.equal(404)
        expect(await response.json()).to.have.keys('error', 'message')
      }
    })

    it('reads no file outside of its folder, whatever the path', async () => {
      await writeFile(join(folder, 'secret'), 'secret')
      for (const path of [
        '/../secret',
        '/content/../secret',
        '/content/0x/../../secret',
        '/content/..\\secret',
      ]) {
        const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
        expect(answer, path).to.match(/^HTTP\/1.1 404 /)
        expect(answer).not.to.include('secret')
      }
    })

    it('answers 405 to other methods', async () => {
      for (const [method, path] of [
        ['POST', `/content/${key}`],
        ['DELETE', `/content/${key}`],
        ['PUT', `/jobs/${key}/leaves`],
      ]) {
        const response = await fetch(`${url}${path}`, { method: method! })
        expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD'])
      }
    })

    it('survives what is not HTTP', async () => {
      expect(await raw('hello\r\n\r\n')).to.match(/^HTTP\/1.1 400 /)
      expect((await fetch(`${url}/content/${key}`)).status).to.equal(404)
    })
  })

  describe('given a page in a browser', () => {
    beforeEach(() => start())

    it('lets it read', async () => {
      const key = await putContent({ url, bytes: bytesOf(10) })
      for (const path of [`/content/${key}`, '/nothing']) {
        const { headers } = await fetch(`${url}${path}`)
        expect(headers.get('access-control-allow-origin')).to.equal('*')
      }
      const preflight = await fetch(`${url}/content/${key}`, { method: 'OPTIONS' })
      expect(preflight.status).to.equal(204)
      expect(preflight.headers.get('access-control-allow-headers')).to.equal('range')
    })

    it('does not let it write', async () => {
      const preflight = await fetch(`${url}/content/${emptyContentHash}`, { method: 'OPTIONS' })
      expect(preflight.headers.get('access-control-allow-methods')).to.equal('GET, HEAD')
    })
  })

  describe('given a file that became corrupt', () => {
    async function damage(length: number): Promise<Hex> {
      const bytes = bytesOf(length)
      const key = await content.put('content', bytes)
      bytes[length - 1]! ^= 1
      await writeFile(join(folder, 'content', key.slice(2, 4), key.slice(4, 6), key.slice(6)), bytes)
      return key
    }

    it('answers 500 with the name of the error, then 404', async () => {
      await start()
      const contentHash = await damage(1000)
      const error = await rejection(fetchContent({ url, contentHash }), StoreResponseError)
      expect([error.status, error.retryable]).to.deep.equal([500, true])
      expect(error.message).to.include('A file of the content store is corrupt.').and.not.include(folder)
      expect(errors.splice(0)[0]).to.be.instanceOf(CorruptStoreFileError)
      await rejection(fetchContent({ url, contentHash }), ContentNotFoundError)
    })

    it('breaks the connection when it finds out in the middle', async () => {
      await start()
      const contentHash = await damage(300_000)
      const error = await rejection(fetchContent({ url, contentHash }), StoreUnreachableError)
      expect(error.shortMessage).to.equal('Connection to the store broke.')
      expect(errors.splice(0)[0]).to.be.instanceOf(CorruptStoreFileError)
    })
  })

  describe('given the results of a job', () => {
    const jobId: Hex = `0x${'aa'.repeat(32)}`
    const outputs = [bytesOf(1000), bytesOf(0), bytesOf(100_000, 1)]
    const leaves: LeafRow[] = outputs.map((bytes, exitCode) => {
      const { root, length } = contentRef(bytes)
      return { status: 'halted', exitCode, outputRoot: root, outputLength: length, steps: 1n }
    })
    const { root: resultRoot, totalSteps } = resultTree(leaves)
    const tasks = leaves.length
    const all = Buffer.concat(outputs)
    let submitted: boolean

    const results = {
      leaves: (id: Hex) => {
        const file = encodeLeaves(leaves)
        const stream = (start: number) => Readable.from([file.subarray(start)])
        return submitted && id === jobId ? { length: file.length, stream } : null
      },
      outputs: async (id: Hex) => {
        if (!submitted || id !== jobId) return null
        return { length: all.length, stream: (start: number) => Readable.from([all.subarray(start)]) }
      },
      output: (hash: Hex) => {
        const index = leaves.findIndex(
          ({ outputRoot: root, outputLength: length }) => contentHash({ root, length }) === hash,
        )
        const bytes = outputs[index]
        const stream = (start: number) => Readable.from([outputs[index]!.subarray(start)])
        return submitted && bytes ? { length: bytes.length, stream } : null
      },
    }

    beforeEach(() => {
      submitted = true
      return start({ results, uploads: false })
    })

    it('serves leaves and outputs to whoever verifies them', async () => {
      const endpoint = url
      const fetched = await fetchLeaves({ endpoint, jobId, resultRoot, totalSteps, tasks })
      expect(fetched).to.deep.equal(leaves)
      const got = await collect(fetchOutputs({ endpoint, jobId, leaves: fetched }))
      expect(got.map(({ bytes }) => bytes)).to.deep.equal(outputs)
      const rest = await collect(fetchOutputs({ endpoint, jobId, leaves, from: 2 }))
      expect(rest.map(({ bytes }) => bytes)).to.deep.equal(outputs.slice(2))
    })

    it('serves a single output by its content hash', async () => {
      const [, , { outputRoot: root, outputLength: length } = leaves[0]!] = leaves
      const bytes = await fetchContent({ url, contentHash: contentHash({ root, length }) })
      expect(bytes).to.deep.equal(outputs[2])
      await rejection(fetchContent({ url, contentHash: `0x${'00'.repeat(32)}` }), ContentNotFoundError)
    })

    it('serves nothing before they are submitted, nor of other jobs', async () => {
      submitted = false
      await rejection(
        fetchLeaves({ endpoint: url, jobId, resultRoot, totalSteps, tasks }),
        ResultNotPublishedError,
      )
      await rejection(collect(fetchOutputs({ endpoint: url, jobId, leaves })), ResultNotPublishedError)
      submitted = true
      const other: Hex = `0x${'ab'.repeat(32)}`
      await rejection(collect(fetchOutputs({ endpoint: url, jobId: other, leaves })), ResultNotPublishedError)
    })

    it('opens nothing for who asks only for the length, or for bytes beyond it', async () => {
      let opened = 0
      const stream = () => {
        opened++
        return Readable.from(outputs)
      }
      await server.close()
      await start({ results: { ...results, outputs: () => ({ length: 5, stream }) } })
      const head = await fetch(`${url}/jobs/${jobId}/outputs`, { method: 'HEAD' })
      expect([head.status, head.headers.get('content-length')]).to.deep.equal([200, '5'])
      const beyond = await fetch(`${url}/jobs/${jobId}/outputs`, { headers: { range: 'bytes=5-' } })
      expect(beyond.status).to.equal(416)
      expect(opened).to.equal(0)
    })

    it('breaks the connection when a file is shorter or longer than it said', async () => {
      for (const length of [all.length + 1, all.length - 1]) {
        await server.close()
        const stream = () => Readable.from(outputs.filter((output) => output.length > 0))
        await start({ results: { ...results, outputs: () => ({ length, stream }) } })
        const error = await rejection(collect(fetchOutputs({ endpoint: url, jobId, leaves })), Error)
        expect(error).to.satisfy(
          (e: Error) => e instanceof StoreUnreachableError || e instanceof ContentMismatchError,
        )
        expect(errors.splice(0)[0]).to.be.instanceOf(SourceLengthError)
      }
    })

    it('closes a file when the client goes away', async () => {
      const endless = Readable.from(
        (async function* () {
          while (true) yield bytesOf(100_000)
        })(),
      )
      await server.close()
      await start({ results: { ...results, outputs: () => ({ length: 2 ** 40, stream: () => endless }) } })
      const closed = new Promise((resolve) => endless.once('close', resolve))
      const response = await fetch(`${url}/jobs/${jobId}/outputs`)
      await response.body?.cancel()
      await closed
    })

    it('says when a provider of results fails', async () => {
      const failure = new RangeError('secret detail')
      await server.close()
      await start({
        results: {
          ...results,
          leaves: () => {
            throw failure
          },
        },
      })
      const response = await fetch(`${url}/jobs/${jobId}/leaves`)
      expect([response.status, await response.json()]).to.deep.equal([
        500,
        { error: 'InternalError', message: 'The store failed.' },
      ])
      expect(errors.splice(0)).to.deep.equal([failure])
    })
  })

  describe('given a port', () => {
    it('names the error when it is in use', async () => {
      await start()
      const { port } = server
      const error = await rejection(startStoreServer({ port }), PortInUseError)
      expect(error.port).to.equal(port)
      expect(error.message).to.include(`127.0.0.1:${port}`)
    })

    it('names the error when the address is not of this machine', async () => {
      await start()
      await rejection(startStoreServer({ port: 0, host: '192.0.2.1' }), ListenError)
    })

    it('lets a request end when it closes, and takes no new one', async () => {
      const bytes = bytesOf(100)
      const { promise: more, resolve: send } = Promise.withResolvers<void>()
      async function* slow() {
        yield bytes.subarray(0, 50)
        await more
        yield bytes.subarray(50)
      }
      await start({ results: { leaves: () => null, outputs: () => ({ length: 100, stream: slow }) } })
      const response = await fetch(`${url}/jobs/0x${'00'.repeat(32)}/outputs`)
      const closed = server.close({ graceMs: 20_000 })
      await rejection(fetchContent({ url, contentHash: `0x${'00'.repeat(32)}` }), StoreUnreachableError)
      send()
      expect(await response.bytes()).to.deep.equal(bytes)
      await closed
    })

    it('breaks off a request that does not end in time', async () => {
      async function* stuck() {
        yield bytesOf(50)
        await new Promise(() => undefined)
      }
      await start({ results: { leaves: () => null, outputs: () => ({ length: 100, stream: stuck }) } })
      const response = await fetch(`${url}/jobs/0x${'00'.repeat(32)}/outputs`)
      await server.close({ graceMs: 10 })
      await rejection(response.bytes(), TypeError)
    })
  })

  /** Sends bytes as they are and returns the answer. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = ''
      connect(server.port, '127.0.0.1')
        .setEncoding('utf8')
        .on('data', (data) => {
          answer += data
        })
        .on('close', () => resolve(answer))
        .on('error', reject)
        .end(text)
    })
  }
})

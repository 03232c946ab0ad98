import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  contentKey,
  contentUrl,
  fetchContent,
  fetchInputs,
  fetchProgram,
  parseStoreUrl,
} from '../src/content/index.ts'
import {
  ContentMismatchError,
  ContentNotFoundError,
  ContentTooLargeError,
  InvalidStoreUrlError,
  JobDataMismatchError,
  StoreResponseError,
  StoreTimeoutError,
  StoreUnreachableError,
} from '../src/errors/content.ts'
import { InvalidHashError } from '../src/errors/trees.ts'
import { emptyContentHash, packInputs } from '../src/trees/index.ts'
import { programIdOf } from '../src/vm/programId.ts'
import { rejection } from './helpers/rejection.ts'
import { closedByClient, closedUrl, closeServers, serve, serveBytes, write } from './helpers/server.ts'
import { patternBytes } from './helpers/vectors.ts'
import { bodies, handMade, section, text } from './helpers/wasm.ts'

describe('fetching a content', () => {
  const bytes = patternBytes(0, 200_000)
  let contentHash: Awaited<ReturnType<typeof contentKey>>

  before(async () => {
    contentHash = await contentKey('content', bytes)
  })
  afterEach(closeServers)

  describe('given a store that serves it', () => {
    it('returns a content, a program, an input pack', async () => {
      const inputs = [patternBytes(0, 10), patternBytes(10, 1000)]
      const pack = packInputs(inputs)
      const program = handMade({ data: [1, 0, 0x41, 0, 0x0b, 5, 1, 2, 3, 4, 5] })
      const programId = programIdOf(program)
      const inputsRoot = await contentKey('inputs', pack)
      const paths: (string | undefined)[] = []
      const url = await serve(({ url }, response) => {
        paths.push(url)
        const programPath = `/programs/${programId}`
        response.end(url === `/inputs/${inputsRoot}` ? pack : url === programPath ? program : bytes)
      })
      expect(await fetchContent({ url, contentHash })).to.deep.equal(bytes)
      expect(await fetchProgram({ url, programId })).to.deep.equal(program)
      expect([...(await fetchInputs({ url, inputsRoot, tasks: 2 }))]).to.deep.equal(inputs)
      expect(paths).to.deep.equal([
        `/content/${contentHash}`,
        `/programs/${programId}`,
        `/inputs/${inputsRoot}`,
      ])
    })

    it('puts together what comes in pieces without a length', async () => {
      const url = await serve(async (_, response) => {
        for (let at = 0; at < bytes.length; at += 30_000)
          await write(response, bytes.subarray(at, at + 30_000))
        response.end()
      })
      expect(await fetchContent({ url, contentHash })).to.deep.equal(bytes)
    })

    it('takes a store below a path, with or without a slash at its end', async () => {
      const url = await serve(({ url }, response) => {
        response.end(url === `/a/b/content/${contentHash}` ? bytes : undefined)
      })
      expect(await fetchContent({ url: `${url}/a/b`, contentHash })).to.deep.equal(bytes)
      expect(await fetchContent({ url: `${url}/a/b/`, contentHash })).to.deep.equal(bytes)
    })

    it('takes a compressed answer', async () => {
      const url = await serve((_, response) => {
        const body = gzipSync(bytes)
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body)
      })
      expect(await fetchContent({ url, contentHash })).to.deep.equal(bytes)
    })

    it('takes exactly as many bytes as allowed', async () => {
      const url = await serveBytes(bytes)
      expect(await fetchContent({ url, contentHash, maxLength: bytes.length })).to.have.length(bytes.length)
    })
  })

  it('knows the empty content without asking', async () => {
    expect(await fetchContent({ url: await closedUrl(), contentHash: emptyContentHash })).to.have.length(0)
  })

  describe('given wrong bytes', () => {
    it('says url, expected and got', async () => {
      const wrong = bytes.slice()
      wrong[150_000]! ^= 1
      const url = await serveBytes(wrong)
      const error = await rejection(fetchContent({ url, contentHash }), ContentMismatchError)
      expect(error.retryable).to.equal(false)
      expect(error.message).to.include(`URL:      ${url}/content/${contentHash}`)
      expect(error.message).to.include(`Expected: ${contentHash}`)
      expect(error.message).to.include(`Got:      ${await contentKey('content', wrong)}, of 200000 bytes`)
      expect(error.message).to.include('Docs: docs/errors.md#content-mismatch')
    })

    it('refuses another program, and a module that is none', async () => {
      const programId = programIdOf(handMade())
      const other = handMade({ code: bodies([0x00, 0x0b]) })
      const { message } = await rejection(
        fetchProgram({ url: await serveBytes(other), programId }),
        ContentMismatchError,
      )
      expect(message).to.include(`Got:      ${programIdOf(other)}`)
      const wasi = handMade({ imports: [1, ...text('env'), ...text('f'), 0, 0] })
      for (const [wrong, name] of [
        [bytes, 'NotWasmError'],
        [wasi, 'ProgramImportError'],
      ] as const) {
        const error = await rejection(
          fetchProgram({ url: await serveBytes(wrong), programId }),
          ContentMismatchError,
        )
        expect(error).to.have.nested.property('cause.name', name)
      }
    })

    it('takes another file of the same program', async () => {
      const named = Buffer.concat([handMade(), Uint8Array.from(section(0, [...text('name'), 1, 2]))])
      const programId = programIdOf(handMade())
      expect(await fetchProgram({ url: await serveBytes(named), programId })).to.deep.equal(
        new Uint8Array(named),
      )
    })

    it('does not collect more than a program may have', async () => {
      const url = await serve((_, response) => {
        const piece = Buffer.alloc(2 ** 20)
        let left = 40
        const more = () => (left-- > 0 ? response.write(piece, more) : response.end())
        more()
      })
      const programId = programIdOf(handMade())
      const error = await rejection(fetchProgram({ url, programId }), ContentTooLargeError)
      expect(error.maxLength).to.equal(2 ** 25)
    })

    it('refuses a body that ends too early and looks complete', async () => {
      const url = await serveBytes(bytes.subarray(0, 100_000))
      const error = await rejection(fetchContent({ url, contentHash }), ContentMismatchError)
      expect(error.message).to.include('of 100000 bytes')
    })

    it('refuses zeros appended, which do not change the root', async () => {
      const url = await serveBytes(Buffer.concat([bytes, Buffer.alloc(1)]))
      await rejection(fetchContent({ url, contentHash }), ContentMismatchError)
    })

    it('refuses an input pack that is none', async () => {
      const url = await serveBytes(new Uint8Array(100))
      const inputsRoot = await contentKey('inputs', packInputs([bytes]))
      const error = await rejection(fetchInputs({ url, inputsRoot, tasks: 1 }), ContentMismatchError)
      expect(error.walk().message).to.include('it holds no input')
    })

    it('breaks off an input pack as soon as it is too long', async () => {
      const pack = packInputs([bytes])
      const inputsRoot = await contentKey('inputs', pack)
      let gone: Promise<void> | undefined
      const url = await serve(async (request, response) => {
        gone = closedByClient(request)
        await write(response, pack)
        while (await write(response, new Uint8Array(1000)));
      })
      await rejection(fetchInputs({ url, inputsRoot, tasks: 1 }), ContentMismatchError)
      await gone
    })
  })

  it('refuses a pack that has not one input for each task', async () => {
    const pack = packInputs([bytes, bytes])
    const url = await serveBytes(pack)
    const inputsRoot = await contentKey('inputs', pack)
    const error = await rejection(fetchInputs({ url, inputsRoot, tasks: 3 }), JobDataMismatchError)
    expect(error.message).to.include('Expected: 3 inputs').and.include('Got:      2 inputs')
  })

  describe('given more bytes than allowed', () => {
    it('breaks off before the body when the length is announced', async () => {
      let gone: Promise<void> | undefined
      const url = await serve((request, response) => {
        gone = closedByClient(request)
        response.writeHead(200, { 'content-length': bytes.length }).flushHeaders()
      })
      const work = fetchContent({ url, contentHash, maxLength: bytes.length - 1 })
      const error = await rejection(work, ContentTooLargeError)
      expect(error.message).to.include('Expected: at most 199999 bytes').and.include('Got:      200000 bytes')
      await gone
    })

    it('breaks off in the middle when it is not', async () => {
      let gone: Promise<void> | undefined
      const url = await serve(async (request, response) => {
        gone = closedByClient(request)
        while (await write(response, bytes));
      })
      await rejection(fetchContent({ url, contentHash, maxLength: 300_000 }), ContentTooLargeError)
      await gone
    })
  })

  describe('given a store that does not serve it', () => {
    it('says that it is not found', async () => {
      const url = await serveBytes(new Uint8Array(), 404)
      const error = await rejection(fetchContent({ url, contentHash }), ContentNotFoundError)
      expect(error.retryable).to.equal(false)
      expect(error.url).to.equal(contentUrl(url, 'content', contentHash))
    })

    it('tells failures, which may pass, from refusals', async () => {
      for (const [status, retryable] of [
        [500, true],
        [503, true],
        [429, true],
        [408, true],
        [403, false],
        [204, false],
      ] as const) {
        const url = await serve((_, response) => {
          response
            .writeHead(status)
            .end(status === 204 ? undefined : JSON.stringify({ error: 'X', message: 'because' }))
        })
        const error = await rejection(fetchContent({ url, contentHash }), StoreResponseError)
        expect([error.status, error.retryable]).to.deep.equal([status, retryable])
        if (status !== 204) expect(error.message).to.include(`HTTP status ${status}: because`)
      }
    })

    it('does not choke on a long or senseless answer', async () => {
      for (const body of ['<html>', 'null', '{"message":1}', 'x'.repeat(100_000)]) {
        const url = await serveBytes(Buffer.from(body), 500)
        await rejection(fetchContent({ url, contentHash }), StoreResponseError)
      }
    })

    it('follows no redirect', async () => {
      const target = await serveBytes(bytes)
      const url = await serve((_, response) => void response.writeHead(302, { location: target }).end())
      await rejection(fetchContent({ url, contentHash }), StoreUnreachableError)
    })
  })

  describe('given a store that is away', () => {
    it('says so when nothing listens', async () => {
      const url = await closedUrl()
      const error = await rejection(fetchContent({ url, contentHash }), StoreUnreachableError)
      expect(error.retryable).to.equal(true)
      expect(error.shortMessage).to.equal('Store is unreachable.')
      expect(error.message).to.include(`${url}/content/`).and.include('ECONNREFUSED')
    })

    it('says so when the connection breaks in the middle', async () => {
      const url = await serve(async (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length })
        await write(response, bytes.subarray(0, 50_000))
        response.destroy()
      })
      const error = await rejection(fetchContent({ url, contentHash }), StoreUnreachableError)
      expect(error.shortMessage).to.equal('Connection to the store broke.')
    })
  })

  describe('given a store that is slow', () => {
    it('gives up when no answer comes', async () => {
      const url = await serve(() => undefined)
      const error = await rejection(fetchContent({ url, contentHash, stallTimeout: 40 }), StoreTimeoutError)
      expect([error.stalled, error.retryable]).to.deep.equal([true, true])
      expect(error.message).to.include('Expected: a byte within 40 ms').and.include('Got:      0 bytes')
    })

    it('gives up when the body stops, and closes the connection', async () => {
      let gone: Promise<void> | undefined
      const url = await serve((request, response) => {
        gone = closedByClient(request)
        void write(response, bytes.subarray(0, 1000))
      })
      const error = await rejection(fetchContent({ url, contentHash, stallTimeout: 400 }), StoreTimeoutError)
      expect(error.stalled).to.equal(true)
      expect(error.message).to.include('Got:      1000 bytes')
      await gone
    })

    it('gives up on a trickle that never stalls', async () => {
      const url = await serve((_, response) => {
        const timer = setInterval(() => void write(response, bytes.subarray(0, 1)), 2)
        response.once('close', () => clearInterval(timer))
      })
      const work = fetchContent({ url, contentHash, timeout: 300, stallTimeout: 5000 })
      const error = await rejection(work, StoreTimeoutError)
      expect(error.stalled).to.equal(false)
      expect(error.message)
        .to.include('300 ms of waiting')
        .and.match(/Got: {6}[1-9]/)
    })
  })

  describe('given a signal', () => {
    const reason = new DOMException('enough', 'AbortError')

    it('does not start when it was given before', async () => {
      const signal = AbortSignal.abort(reason)
      const work = fetchContent({ url: await closedUrl(), contentHash, signal })
      expect(await rejection(work, DOMException)).to.equal(reason)
    })

    it('ends the transfer and rejects with its reason', async () => {
      for (const before of [0, 1000]) {
        const controller = new AbortController()
        let gone: Promise<void> | undefined
        const url = await serve(async (request, response) => {
          gone = closedByClient(request)
          if (before > 0) await write(response, bytes.subarray(0, before))
          controller.abort(reason)
        })
        const work = fetchContent({ url, contentHash, signal: controller.signal })
        expect(await rejection(work, DOMException)).to.equal(reason)
        await gone
      }
    })
  })

  describe('given an address', () => {
    const wrong = [
      ['', 'it is not a URL'],
      ['store.example', 'it is not a URL'],
      ['file:///etc/passwd', 'file: is neither'],
      ['ftp://store.example', 'ftp: is neither'],
      ['http://user@store.example', 'user name'],
      ['http://user:secret@store.example', 'user name'],
      ['http://store.example/delete?x=', 'query'],
      ['http://store.example/?', 'query'],
      ['http://store.example/#', 'query or fragment'],
    ] as const
    for (const [url, reason] of wrong) {
      it(`refuses ${url || 'nothing'}`, async () => {
        const error = await rejection(fetchContent({ url, contentHash }), InvalidStoreUrlError)
        expect(error.message).to.include(reason)
      })
    }

    it('normalises it', () => {
      expect(parseStoreUrl('HTTP://Store.Example:80//')).to.equal('http://store.example')
      expect(parseStoreUrl('https://store.example/a/../b/')).to.equal('https://store.example/b')
      expect(contentUrl('http://s', 'programs', `0x${'AB'.repeat(32)}`)).to.equal(
        `http://s/programs/0x${'ab'.repeat(32)}`,
      )
    })

    it('refuses a key that is no hash', async () => {
      for (const contentHash of ['0x12', `0x${'../'.repeat(21)}a`] as const)
        await rejection(fetchContent({ url: 'http://127.0.0.1', contentHash }), InvalidHashError)
    })
  })
})

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SourceLengthError } from './errors.ts'
import { rangeStart } from './route.ts'

/** A content of the store or a result. */
export type ByteSource = {
  /** In bytes. */
  length: number
  /** The bytes from `start` on. Nothing is opened before they are read: who asks only for the length reads none. */
  stream: (start: number) => AsyncIterable<Uint8Array>
}

/** How long a refused upload may go on arriving, so that the answer is not lost in a reset connection. */
const drainMs = 5_000

/**
 * Sends bytes. The first are read before the status is sent, so that a file that cannot be read is still an error to
 * the client; one that turns out wrong later ends in a broken connection, never in an answer that looks complete.
 */
export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  source: ByteSource,
): Promise<void> {
  const start = rangeStart(request.headers.range)
  const ranged = start > 0
  if (ranged && start >= source.length) {
    response.setHeader('content-range', `bytes */${source.length}`)
    return sendError(request, response, 416, 'RangeError', `There are ${source.length} bytes.`)
  }
  const length = source.length - start
  const chunks = request.method === 'HEAD' || length === 0 ? undefined : exactly(source.stream(start), length)
  const first = await chunks?.next()

  response.statusCode = ranged ? 206 : 200
  response.setHeader('content-type', 'application/octet-stream')
  response.setHeader('content-length', length)
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('cache-control', 'public, max-age=31536000, immutable')
  if (ranged) response.setHeader('content-range', `bytes ${start}-${source.length - 1}/${source.length}`)
  if (chunks === undefined || first?.value === undefined) {
    response.end()
    return
  }
  await pipeline(Readable.from(startingWith(first.value, chunks), { objectMode: false }), response)
}

/** Answers with JSON `{ error, message }`. What the client still sends is taken for a while and thrown away. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  error: string,
  message: string,
): void {
  const body = Buffer.from(JSON.stringify({ error, message }))
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.setHeader('content-length', body.length)
  response.setHeader('cache-control', 'no-store')
  response.end(request.method === 'HEAD' ? undefined : body)
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), drainMs).unref()
  request.once('close', () => clearTimeout(timer))
}

/** Passes on a stream that has to have a given length; a header already promised it. */
async function* exactly(
  stream: AsyncIterable<Uint8Array>,
  expected: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let got = 0
  for await (const chunk of stream) {
    got += chunk.length
    if (got > expected) break
    yield chunk
  }
  if (got !== expected) throw new SourceLengthError({ expected, got })
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first
  yield* rest
}

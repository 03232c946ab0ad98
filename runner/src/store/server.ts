import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AssayError, type ContentKind } from 'assay'
import type { Hex } from 'viem'
import type { DiskStore } from './disk.ts'
import { ListenError, PortInUseError, UploadMismatchError, UploadTooLargeError } from './errors.ts'
import { type ByteSource, sendBytes, sendError } from './reply.ts'
import { type Route, routeOf } from './route.ts'

export type { ByteSource } from './reply.ts'

type Answer<value> = value | null | undefined | Promise<value | null | undefined>

/** The results that a provider serves: null for jobs it does not know, and for all that are not submitted yet. */
export type JobResults = {
  /** The job's leaves file. */
  leaves: (jobId: Hex) => Answer<ByteSource>
  /** All outputs of the job in task order. */
  outputs: (jobId: Hex) => Answer<ByteSource>
  /** One output by its content hash, looked for when the content store does not have it. */
  output?: (contentHash: Hex) => Answer<ByteSource>
}

export type StoreServerOptions = {
  /** @default '127.0.0.1' */
  host?: string | undefined
  /** 0 takes any free port. */
  port: number
  /** What is served under /programs, /inputs and /content. */
  content?: DiskStore | undefined
  /** What is served under /jobs, and of single outputs under /content. */
  results?: JobResults | undefined
  /**
   * Whether anyone may put contents.
   * @default false
   */
  uploads?: boolean | undefined
  /**
   * Bytes of one upload.
   * @default 256 MiB
   */
  maxUpload?: number | undefined
  /** Told of errors that are not the client's: a corrupt file, a full disk. */
  onError?: ((error: unknown, request: { method: string; url: string }) => void) | undefined
}

export type StoreServer = {
  /** Base URL: a job's `dataUri`, or a provider's endpoint. */
  url: string
  port: number
  /** Stops taking requests, lets running ones end for up to `graceMs` (default 2,000), then breaks them off. */
  close: (options?: { graceMs?: number | undefined }) => Promise<void>
}

const idleMs = 60_000
const maxConnections = 1_024
/** An upload slower than this on average is broken off. */
const slowestUpload = 64 * 1024

/**
 * Starts a content store over HTTP. The protocol is in docs/vm/spec.md.
 *
 * Browsers may read from any page; they may not write, since any page could then fill the disk.
 * @throws {PortInUseError | ListenError}
 */
export async function startStoreServer(options: StoreServerOptions): Promise<StoreServer> {
  const { host = '127.0.0.1', port, maxUpload = 256 * 2 ** 20, onError } = options
  const server = createServer(
    { requestTimeout: 60_000 + Math.ceil(maxUpload / slowestUpload) * 1000 },
    (request, response) => {
      // a connection that is idle once its request has ended would hold up the closing
      response.once('close', () => {
        if (!server.listening) setImmediate(() => server.closeIdleConnections())
      })
      handle({ ...options, maxUpload }, request, response).catch((error: unknown) => {
        if (isDisconnect(error)) return
        const status = statusOf(error)
        if (status === 500) onError?.(error, { method: request.method ?? '', url: request.url ?? '' })
        fail(request, response, status, error)
      })
    },
  )
  server.maxConnections = maxConnections
  server.setTimeout(idleMs)
  await listen(server, host, port)
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${urlHost(host)}:${actual}`,
    port: actual,
    close: ({ graceMs = 2_000 } = {}) => close(server, graceMs),
  }
}

type Settings = StoreServerOptions & { maxUpload: number }

async function handle(settings: Settings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', 'content-length, content-range')
  const route = routeOf(url)
  if (method === 'OPTIONS') return allowReading(response)
  if (method === 'PUT' && route !== undefined && 'key' in route)
    return receive(settings, request, response, route)
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return sendError(request, response, 405, 'MethodNotAllowed', `${method} is not possible here.`)
  }
  const source = route && (await find(settings, route))
  if (!source)
    return sendError(request, response, 404, 'ContentNotFound', 'This store does not have it, or not yet.')
  await sendBytes(request, response, source)
}

async function find({ content, results }: Settings, route: Route): Promise<ByteSource | null | undefined> {
  switch (route.kind) {
    case 'leaves':
      return results?.leaves(route.jobId)
    case 'outputs':
      return results?.outputs(route.jobId)
    default: {
      const found = await content?.find(route.kind, route.key)
      return found ?? (route.kind === 'content' ? results?.output?.(route.key) : undefined)
    }
  }
}

async function receive(
  { content, uploads = false, maxUpload }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
  { kind, key }: { kind: ContentKind; key: Hex },
): Promise<void> {
  if (content === undefined || !uploads) {
    response.setHeader('allow', 'GET, HEAD')
    return sendError(request, response, 405, 'UploadsOff', 'This store takes no uploads.')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxUpload)
    throw new UploadTooLargeError({ maxLength: maxUpload })
  // leaving the loop early must not close the socket: the answer still has to get through
  await content.receive(kind, key, request.iterator({ destroyOnReturn: false }), maxUpload)
  response.statusCode = 201
  response.setHeader('content-length', 0)
  response.end()
}

function statusOf(error: unknown): number {
  if (error instanceof UploadTooLargeError) return 413
  return error instanceof UploadMismatchError ? 422 : 500
}

function fail(request: IncomingMessage, response: ServerResponse, status: number, error: unknown): void {
  // where the status is out already, only a broken connection tells the client that the bytes are not complete
  if (response.headersSent) {
    response.destroy()
    return
  }
  // the facts of an error may name files of this machine: they stay in the log
  const [name, message] =
    error instanceof AssayError ? [error.name, error.shortMessage] : ['InternalError', 'The store failed.']
  sendError(request, response, status, name, message)
}

function allowReading(response: ServerResponse): void {
  response.statusCode = 204
  response.setHeader('access-control-allow-methods', 'GET, HEAD')
  response.setHeader('access-control-allow-headers', 'range')
  response.setHeader('access-control-max-age', '86400')
  response.end()
}

/** A client that went away is its own business. */
function isDisconnect(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE'
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new PortInUseError({ host, port, cause })
          : new ListenError({ host, port, cause }),
      )
    })
    server.listen(port, host, resolve)
  })
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

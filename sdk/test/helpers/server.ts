import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const running: (() => Promise<void>)[] = []

/**
 * Starts a server on loopback that does whatever a test wants a store to do wrong.
 * @returns its base URL; `closeServers` ends it
 */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that answers everything with one body. */
export function serveBytes(bytes: Uint8Array, status = 200): Promise<string> {
  return serve(
    (_, response) => void response.writeHead(status, { 'content-length': bytes.length }).end(bytes),
  )
}

/** A base URL where nothing listens. */
export async function closedUrl(): Promise<string> {
  const url = await serve(() => undefined)
  await running.pop()?.()
  return url
}

/** Registers something else to be ended with the servers. */
export function alsoClose(close: () => Promise<void>): void {
  running.push(close)
}

export async function closeServers(): Promise<void> {
  await Promise.all(running.splice(0).map((close) => close()))
}

/** Resolves when the client has closed the connection of a request. */
export function closedByClient(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => request.socket.once('close', () => resolve()))
}

/** Writes and waits until the bytes are out; false once the client is gone. */
export function write(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false)
    const gone = () => resolve(false)
    response.once('close', gone)
    response.write(bytes, (error) => {
      response.off('close', gone)
      resolve(!error)
    })
  })
}

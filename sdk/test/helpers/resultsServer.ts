import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A loopback server that serves exactly the bytes it is given by path, right or wrong, and counts what is asked. */
export async function startResultsServer() {
  const files = new Map<string, Uint8Array>()
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const bytes = files.get(url)
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' })
    response.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

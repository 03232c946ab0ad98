import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Hex, parseTransaction, slice } from 'viem'

/** A request that came to the proxy. */
export type Seen = {
  method: string
  path: string
  body: Buffer
  /** The JSON-RPC call, where it is one. */
  rpc: { method: string; params: readonly unknown[] } | undefined
}

/**
 * What becomes of a request: passed on; `refuse`: the connection breaks before it is passed on; `swallow`: it is passed on,
 * and the connection breaks before its answer; or another answer.
 */
export type Fate = 'pass' | 'refuse' | 'swallow' | { status: number; body: Buffer }

/** Decides about a request, at once or later; undefined leaves it to the next rule. */
export type Rule = (seen: Seen) => Fate | undefined | Promise<Fate | undefined>

/** An HTTP proxy before a chain node or a content store, that can come between. */
export class HttpProxy {
  /** Where requests are passed on to. */
  target: string
  readonly #rules = new Set<Rule>()
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  constructor(target: string) {
    this.target = target
  }

  static async start(target: string): Promise<HttpProxy> {
    const proxy = new HttpProxy(target)
    await proxy.open()
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Accepts connections, again at the same port. */
  async open(): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      this.#handle(incoming, outgoing).catch(() => incoming.socket.destroy())
    })
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Breaks every connection and refuses new ones. */
  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Applies a rule until the returned function is called. */
  rule(rule: Rule): () => void {
    this.#rules.add(rule)
    return () => this.#rules.delete(rule)
  }

  /** Holds matching requests back. `caught` resolves with the first one; `release` decides about all of them. */
  hold(matches: (seen: Seen) => boolean): {
    caught: Promise<Seen>
    release: (fate?: Fate) => void
  } {
    const caught = Promise.withResolvers<Seen>()
    const released = Promise.withResolvers<Fate>()
    const remove = this.rule((seen) => {
      if (!matches(seen)) return undefined
      caught.resolve(seen)
      return released.promise
    })
    return {
      caught: caught.promise,
      release(fate = 'pass') {
        remove()
        released.resolve(fate)
      },
    }
  }

  /** Resolves once so many more matching requests have come. */
  async count(requests: number, matches: (seen: Seen) => boolean): Promise<void> {
    const enough = Promise.withResolvers<void>()
    let left = requests
    const remove = this.rule((seen) => {
      if (matches(seen) && --left === 0) enough.resolve()
      return undefined
    })
    await enough.promise.finally(remove)
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const seen: Seen = { method: incoming.method ?? '', path: incoming.url ?? '', body, rpc: rpcOf(body) }
    const fate = await this.#fateOf(seen)
    if (fate === 'refuse') return void incoming.socket.destroy()
    const answer = typeof fate === 'object' ? { ...fate, headers: {} } : await this.#forward(incoming, body)
    if (fate === 'swallow') return void incoming.socket.destroy()
    outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
    outgoing.end(incoming.method === 'HEAD' ? undefined : answer.body)
  }

  async #fateOf(seen: Seen): Promise<Fate> {
    for (const rule of this.#rules) {
      const fate = await rule(seen)
      if (fate !== undefined) return fate
    }
    return 'pass'
  }

  #forward(incoming: IncomingMessage, body: Buffer) {
    const { host: _, connection: __, ...headers } = incoming.headers
    return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>(
      (resolve, reject) => {
        const url = new URL(incoming.url ?? '/', this.target)
        const forwarded = request(
          url,
          { method: incoming.method ?? 'GET', headers, agent: false },
          async (answer) => {
            const chunks: Buffer[] = []
            for await (const chunk of answer) chunks.push(chunk as Buffer)
            const type = answer.headers['content-type']
            resolve({
              status: answer.statusCode ?? 502,
              headers: type === undefined ? {} : { 'content-type': type },
              body: Buffer.concat(chunks),
            })
          },
        )
        forwarded.once('error', reject)
        forwarded.end(body)
      },
    )
  }
}

function rpcOf(body: Buffer): Seen['rpc'] {
  if (body[0] !== 0x7b) return undefined
  try {
    const { method, params } = JSON.parse(body.toString())
    return typeof method === 'string' ? { method, params: params ?? [] } : undefined
  } catch {
    return undefined
  }
}

/** Whether a request sends a transaction that calls this function of the market. */
export function sends(selector: Hex): (seen: Seen) => boolean {
  return ({ rpc }) => {
    if (rpc?.method !== 'eth_sendRawTransaction') return false
    return selectorOf(parseTransaction(rpc.params[0] as Hex).data) === selector
  }
}

/** Whether a request calls this function of the market without sending a transaction. */
export function simulates(selector: Hex): (seen: Seen) => boolean {
  return ({ rpc }) => {
    if (rpc?.method !== 'eth_call') return false
    const { data, input } = rpc.params[0] as { data?: Hex; input?: Hex }
    return selectorOf(data ?? input) === selector
  }
}

function selectorOf(data: Hex | undefined): Hex | undefined {
  return data === undefined || data.length < 10 ? undefined : slice(data, 0, 4)
}

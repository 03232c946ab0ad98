import { StoreTimeoutError, StoreUnreachableError } from '../errors/content.ts'

export type TransferOptions = {
  /** Ends the transfer; the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds without a byte after which the store counts as stalled.
   * @default 10_000
   */
  stallTimeout?: number | undefined
  /**
   * Milliseconds of waiting for the store in all.
   * @default 30_000 and a second for every 64 KiB transferred
   */
  timeout?: number | undefined
}

export type StoreRequest = {
  method?: 'GET' | 'PUT'
  headers?: Record<string, string>
  body?: Uint8Array
}

export type StoreResponse = {
  status: number
  headers: Headers
  /** The bytes as they arrive. Leaving the loop early closes the connection. */
  chunks: () => AsyncGenerator<Uint8Array, void, undefined>
  /** What the store says in an error answer, `message` of a short JSON. Closes the connection, never throws. */
  answer: () => Promise<string | undefined>
  /** Closes the connection. */
  cancel: () => void
}

const slowestRate = 64 * 1024
const maxAnswer = 4096

/**
 * One exchange with a store.
 *
 * Only time spent waiting for the store counts: a caller that takes long over a chunk is not the store's fault.
 * Redirects are refused, so that the URL which the caller checked is the one that is asked.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError} from here, and from the loop over the chunks
 */
export async function exchange(
  url: string,
  request: StoreRequest,
  options: TransferOptions,
): Promise<StoreResponse> {
  const { signal, timeout, stallTimeout = 10_000 } = options
  const sent = request.body?.length ?? 0
  const connection = new AbortController()
  let received = 0
  let waited = 0
  signal?.throwIfAborted()

  /** The result of some work of the store's; closes the connection when it fails, is late, or is called off. */
  async function waitFor<result>(work: Promise<result>): Promise<result> {
    const start = performance.now()
    const allowed = timeout ?? 30_000 + ((sent + received) / slowestRate) * 1000
    // fetch does not tell how an upload gets on, so silence says nothing while one may be under way
    const patience = sent > 0 ? allowed : Math.min(stallTimeout, allowed - waited)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const stalled = patience === stallTimeout
      late.reject(
        new StoreTimeoutError({ url, waitedMs: stalled ? stallTimeout : allowed, stalled, received }),
      )
    }, patience)
    const callOff = () => late.reject(signal?.reason)
    signal?.addEventListener('abort', callOff)
    try {
      return await Promise.race([work, late.promise])
    } catch (error) {
      connection.abort()
      if (error instanceof StoreTimeoutError || signal?.aborted) throw error
      throw new StoreUnreachableError({ url, received, cause: error })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', callOff)
      waited += performance.now() - start
    }
  }

  const response = await waitFor(
    fetch(url, {
      ...(request as RequestInit),
      redirect: 'error',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: connection.signal,
    }),
  )

  async function* chunks() {
    const reader = response.body?.getReader()
    try {
      while (reader !== undefined) {
        signal?.throwIfAborted()
        const { done, value } = await waitFor(reader.read())
        if (done) return
        received += value.length
        yield value
      }
    } finally {
      connection.abort()
    }
  }

  async function answer() {
    try {
      const decoder = new TextDecoder()
      let text = ''
      for await (const chunk of chunks()) {
        text += decoder.decode(chunk, { stream: true })
        if (text.length > maxAnswer) return undefined
      }
      const { message } = JSON.parse(text)
      return typeof message === 'string' ? message : undefined
    } catch {
      return undefined
    }
  }

  return {
    status: response.status,
    headers: response.headers,
    chunks,
    answer,
    cancel: () => connection.abort(),
  }
}

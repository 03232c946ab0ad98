import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createClient, custom, type Hex, http, numberToHex } from 'viem'
import { type AuditProgress, type AuditReport, audit } from '../src/audit/index.ts'
import { AuditChainChangedError, AuditNodeAnswerError } from '../src/errors/audit.ts'
import { RpcUnavailableError } from '../src/errors/rpc.ts'
import { liveALife } from './helpers/auditLife.ts'
import { type AuditMarket, deployAuditMarket } from './helpers/auditMarket.ts'
import { rejection } from './helpers/rejection.ts'

type Call = { method: string; params: unknown[] }
type Log = { address: Hex; topics: Hex[]; data: Hex; blockNumber: Hex; logIndex: Hex }
type LogFilter = { fromBlock: Hex; toBlock: Hex; address: Hex }
type Next = () => Promise<unknown>

function blocksOf(params: unknown[]): number {
  const { fromBlock, toBlock } = params[0] as LogFilter
  return Number(toBlock) - Number(fromBlock) + 1
}

describe('audit: nodes', function () {
  this.timeout(20_000)

  let chain: AuditMarket
  let clean: AuditReport

  /** Audits through a node that does something else than the real one behind it. */
  const auditThrough = (
    intercept: (call: Call, next: Next) => Promise<unknown>,
    onProgress?: (p: AuditProgress) => void,
  ) => {
    const provider = {
      request: ({ method, params = [] }: { method: string; params?: unknown[] }) =>
        intercept({ method, params }, () => chain.request(method, ...params)),
    }
    const client = createClient({ transport: custom(provider, { retryCount: 0 }) })
    return audit(client, { market: chain.market, jobs: [], onProgress })
  }
  const changeLogs =
    (change: (logs: Log[]) => Log[]) =>
    async ({ method }: Call, next: Next) =>
      method === 'eth_getLogs' ? change([...((await next()) as Log[])]) : next()
  const comparable = ({ checks, ...report }: AuditReport) => ({
    ...report,
    checks: checks.filter(({ name }) => name !== 'chain'),
  })

  before(async () => {
    chain = await deployAuditMarket()
    await liveALife(chain)
    clean = await audit(chain.client, { market: chain.market, jobs: [] })
    expect(clean.verdict).to.equal('solvent')
  })
  after(() => chain.close())

  describe('given a node that limits what it answers', () => {
    it('halves ranges of too many blocks and sees the same', async () => {
      let refused = 0
      const report = await auditThrough(async ({ method, params }, next) => {
        if (method !== 'eth_getLogs' || blocksOf(params) <= 7) return next()
        refused++
        throw Object.assign(new Error('block range too large'), { code: -32005 })
      })

      expect(refused).to.be.greaterThan(3)
      expect(comparable(report)).to.deep.equal(comparable(clean))
      const chainOf = ({ checks }: AuditReport) => checks.find(({ name }) => name === 'chain')!.checked
      // each border between two ranges was looked at too
      expect(chainOf(report)).to.be.greaterThan(chainOf(clean) + 10)
    })

    it('halves ranges of too many logs', async () => {
      const report = await auditThrough(async ({ method }, next) => {
        const result = await next()
        if (method !== 'eth_getLogs' || (result as Log[]).length <= 3) return result
        throw Object.assign(new Error('query returned more than 3 results'), { code: -32602 })
      })

      expect(comparable(report)).to.deep.equal(comparable(clean))
    })

    it('ends with the reason when even one block is refused', async () => {
      const refusing = auditThrough(async ({ method }, next) => {
        if (method === 'eth_getLogs') throw Object.assign(new Error('no logs here'), { code: -32601 })
        return next()
      })

      const error = await refusing.catch((error: Error) => error)
      expect(error).to.be.instanceOf(Error)
      expect((error as Error).message)
        .to.contain('eth_getLogs')
        .and.to.contain('no logs here')
    })
  })

  describe('given a node that goes away', () => {
    it('ends at once with an error that may be retried', async () => {
      let calls = 0
      const error = await rejection(
        auditThrough(async ({ method }, next) => {
          if (method === 'eth_getLogs') calls++
          if (calls > 0) throw new Error('connect ECONNREFUSED')
          return next()
        }),
        RpcUnavailableError,
      )

      expect(error.retryable).to.equal(true)
      expect(calls).to.equal(1)
    })
  })

  describe('given a node that answers wrongly', () => {
    it('refuses logs of another contract', async () => {
      const strange = changeLogs((logs) => logs.map((log) => ({ ...log, address: chain.keeper })))

      await rejection(auditThrough(strange), AuditNodeAnswerError)
    })

    it('refuses logs of blocks that it did not ask for', async () => {
      const strange = changeLogs((logs) => logs.map((log) => ({ ...log, blockNumber: '0xffff' })))

      await rejection(auditThrough(strange), AuditNodeAnswerError)
    })

    it('refuses a log that comes twice', async () => {
      await rejection(
        auditThrough(changeLogs((logs) => [...logs, ...logs.slice(0, 1)])),
        AuditNodeAnswerError,
      )
    })

    it('puts logs in order', async () => {
      const report = await auditThrough(changeLogs((logs) => logs.reverse()))

      expect(comparable(report)).to.deep.equal(comparable(clean))
    })

    it('finds that a log is missing', async () => {
      const report = await auditThrough(changeLogs((logs) => logs.toSpliced(Math.floor(logs.length / 2), 1)))

      expect(report.verdict).not.to.equal('solvent')
    })

    it('finds another amount in a transfer', async () => {
      const report = await auditThrough(async ({ method, params }, next) => {
        const logs = await next()
        if (
          method !== 'eth_getLogs' ||
          (params[0] as LogFilter).address.toLowerCase() === chain.market.toLowerCase()
        )
          return logs
        return (logs as Log[]).map((log) => ({
          ...log,
          data: numberToHex(BigInt(log.data) - 1n, { size: 32 }),
        }))
      })

      expect(report.findings.map(({ check }) => check)).to.include('transfers')
    })
  })

  describe('given a chain that changes meanwhile', () => {
    it('refuses headers that are not of the chain of the logs', async () => {
      const forked = auditThrough(async ({ method, params }, next) => {
        const header = (await next()) as { hash: Hex }
        const isOther = method === 'eth_getBlockByNumber' && params[0] === numberToHex(20)
        return isOther ? { ...header, hash: `0x${'99'.repeat(32)}` } : header
      })

      const error = await rejection(forked, AuditChainChangedError)
      expect(error.retryable).to.equal(true)
    })

    it('refuses ranges of two chains', async () => {
      const forked = auditThrough(async ({ method, params }, next) => {
        if (method === 'eth_getLogs' && blocksOf(params) > 40) throw new Error('too large')
        const result = (await next()) as object
        return method === 'eth_getBlockByNumber' ? { ...result, parentHash: `0x${'99'.repeat(32)}` } : result
      })

      await rejection(forked, AuditChainChangedError)
    })

    it('refuses a newest block that was replaced before storage was read', async () => {
      const snapshot = await chain.snapshot()
      await chain.request('evm_mine')
      let replaced = false
      const changing = auditThrough(async ({ method }, next) => {
        if (method === 'eth_getStorageAt' && !replaced) {
          replaced = true
          await chain.revert(snapshot)
          await chain.pass(1_000)
        }
        return next()
      })

      await rejection(changing, AuditChainChangedError)
      expect(replaced).to.equal(true)
    })
  })

  describe('given a node over HTTP', () => {
    /** A JSON-RPC server in front of the chain; records how many requests came in each body. */
    async function startNode({ batches }: { batches: boolean }) {
      const sizes: number[] = []
      const answer = async ({ id, method, params = [] }: Call & { id: number }) => ({
        jsonrpc: '2.0',
        id,
        result: await chain.request(method, ...params),
      })
      const server = createServer(async (request, response) => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        const body = JSON.parse(Buffer.concat(chunks).toString())
        sizes.push(Array.isArray(body) ? body.length : 0)
        response.setHeader('content-type', 'application/json')
        if (Array.isArray(body) && !batches) {
          const error = { code: -32600, message: 'batches are not supported' }
          response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }))
          return
        }
        response.end(
          JSON.stringify(Array.isArray(body) ? await Promise.all(body.map(answer)) : await answer(body)),
        )
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const close = () => {
        server.closeAllConnections()
        return new Promise<void>((resolve) => server.close(() => resolve()))
      }
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sizes, close }
    }

    it('asks in batches of at most 100', async () => {
      const node = await startNode({ batches: true })
      const client = createClient({ transport: http(node.url) })
      const report = await audit(client, { market: chain.market, jobs: [] }).finally(node.close)

      expect(report.verdict).to.equal('solvent')
      expect(Math.max(...node.sizes)).to.be.within(60, 100)
      expect(node.sizes.length).to.be.lessThan(30)
    })

    it('asks one by one where batches are refused', async () => {
      const node = await startNode({ batches: false })
      const client = createClient({ transport: http(node.url) })
      const report = await audit(client, { market: chain.market, jobs: [] }).finally(node.close)

      expect(report.verdict).to.equal('solvent')
      expect(node.sizes.filter((size) => size > 0)).to.have.lengthOf(1)
    })
  })

  it('tells how it gets on', async () => {
    const seen: AuditProgress[] = []
    await auditThrough(
      (_, next) => next(),
      (progress) => seen.push(progress),
    )

    const phases = [...new Set(seen.map(({ phase }) => phase))]
    expect(phases).to.deep.equal(['logs', 'headers', 'storage'])
    for (const phase of phases) {
      const last = seen.findLast((progress) => progress.phase === phase)!
      expect(last.done).to.equal(last.total)
    }
  })
})

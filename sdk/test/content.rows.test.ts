import { expect } from 'chai'
import type { Hex } from 'viem'
import { fetchRows } from '../src/content/index.ts'
import { resultNodes } from '../src/dispute/results.ts'
import { ResultMismatchError, ResultNotPublishedError } from '../src/errors/content.ts'
import { contentRef, encodeLeaves, leafRowSize } from '../src/trees/index.ts'
import { rejection } from './helpers/rejection.ts'
import { closeServers, serve, serveBytes } from './helpers/server.ts'

const jobId: Hex = `0x${'1f'.repeat(32)}`
const tasks = 3
const { root: outputRoot, length: outputLength } = contentRef(Uint8Array.of(1, 2, 3))
const leaf = { status: 'halted', exitCode: 0, outputRoot, outputLength, steps: 5n } as const
const right = encodeLeaves(Array.from({ length: tasks }, () => leaf))
/** A file of rows that no program can have, for which a liar submitted the root. */
const malformed = Uint8Array.from(right, (byte, at) => (at === leafRowSize ? 9 : byte))

const submitted = (rows: Uint8Array) => {
  const { hash: resultRoot, steps: totalSteps } = resultNodes(rows).top
  return { jobId, tasks, resultRoot, totalSteps }
}

describe('fetching the rows of a result', () => {
  afterEach(closeServers)

  it('returns them when they are what was submitted, also where no program can have them', async () => {
    for (const rows of [right, malformed]) {
      const endpoint = await serveBytes(rows)
      expect(await fetchRows({ endpoint, ...submitted(rows) })).to.deep.equal(rows)
    }
  })

  it('refuses others, too many and too few', async () => {
    for (const rows of [malformed, Buffer.concat([right, right]), right.subarray(1), new Uint8Array()]) {
      const endpoint = await serveBytes(rows)
      await rejection(fetchRows({ endpoint, ...submitted(right) }), ResultMismatchError)
    }
  })

  it('refuses another sum', async () => {
    const endpoint = await serveBytes(right)
    await rejection(fetchRows({ endpoint, ...submitted(right), totalSteps: 14n }), ResultMismatchError)
  })

  it('says when the provider does not serve them', async () => {
    const endpoint = await serve((_, response) => response.writeHead(404).end())
    await rejection(fetchRows({ endpoint, ...submitted(right) }), ResultNotPublishedError)
  })
})

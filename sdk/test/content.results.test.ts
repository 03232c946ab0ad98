import { expect } from 'chai'
import type { Hex } from 'viem'
import { fetchLeaves, fetchOutputs, type TaskOutput } from '../src/content/index.ts'
import {
  ContentMismatchError,
  ContentTooLargeError,
  ResultMismatchError,
  ResultNotPublishedError,
  StoreResponseError,
  StoreTimeoutError,
  StoreUnreachableError,
} from '../src/errors/content.ts'
import { MalformedResultError } from '../src/errors/trees.ts'
import {
  contentRef,
  emptyRoot,
  encodeLeaves,
  type LeafRow,
  resultCommitment,
  resultTree,
} from '../src/trees/index.ts'
import { collect, rejection } from './helpers/rejection.ts'
import { closedByClient, closedUrl, closeServers, serve, serveBytes, write } from './helpers/server.ts'
import { patternBytes } from './helpers/vectors.ts'

const jobId: Hex = `0x${'1f'.repeat(32)}`

/** Task 1 trapped, task 4 halted without output. */
const outputs = [
  patternBytes(0, 1000),
  patternBytes(0, 0),
  patternBytes(1, 1),
  patternBytes(2, 70_000),
  patternBytes(0, 0),
  patternBytes(3, 300),
]
const leaves: LeafRow[] = outputs.map((bytes, index) => {
  const { root, length } = contentRef(bytes)
  const status = index === 1 ? 'trapped' : 'halted'
  return {
    status,
    exitCode: status === 'halted' ? index : 0,
    outputRoot: root,
    outputLength: length,
    steps: 1n,
  }
})
const tasks = leaves.length
const { root: resultRoot, totalSteps } = resultTree(leaves)
const stream = Buffer.concat(outputs)

describe('fetching the leaves of a result', () => {
  afterEach(closeServers)
  const submitted = { jobId, resultRoot, totalSteps, tasks }

  it('returns them when they are what was submitted', async () => {
    let path: string | undefined
    const endpoint = await serve(({ url }, response) => {
      path = url
      response.end(encodeLeaves(leaves))
    })
    expect(await fetchLeaves({ endpoint, ...submitted })).to.deep.equal(leaves)
    expect(path).to.equal(`/jobs/${jobId}/leaves`)
  })

  it('is content with the word that the job stores', async () => {
    const endpoint = await serveBytes(encodeLeaves(leaves))
    const commitment = resultCommitment({ root: resultRoot, totalSteps })
    expect(await fetchLeaves({ endpoint, jobId, tasks, resultCommitment: commitment })).to.deep.equal(leaves)
    const error = await rejection(
      fetchLeaves({ endpoint, jobId, tasks, resultCommitment: resultRoot }),
      ResultMismatchError,
    )
    expect(error.message)
      .to.include(`Expected: commitment ${resultRoot} (on-chain)`)
      .and.include(`Got:      commitment ${commitment}`)
  })

  describe('when they are not what was submitted', () => {
    const changed = (change: Partial<LeafRow>) =>
      encodeLeaves(leaves.map((leaf, index) => (index === 3 ? { ...leaf, ...change } : leaf)))
    const wrong: [string, Uint8Array][] = [
      ['another exit code', changed({ exitCode: 7 })],
      ['another output', changed({ outputRoot: contentRef(patternBytes(9, 9)).root })],
      ['another output length', changed({ outputLength: 69_999 })],
      ['more steps', changed({ steps: 2n })],
      ['two tasks swapped', encodeLeaves([leaves[1]!, leaves[0]!, ...leaves.slice(2)])],
      ['a task missing', encodeLeaves(leaves.slice(1))],
      ['a task too many', encodeLeaves([...leaves, leaves[0]!])],
      ['half a task', encodeLeaves(leaves).subarray(1)],
      ['nothing', new Uint8Array()],
      ['an unknown status', new Uint8Array(53 * tasks).fill(9)],
    ]
    for (const [what, file] of wrong) {
      it(`refuses ${what}`, async () => {
        const endpoint = await serveBytes(file)
        const error = await rejection(fetchLeaves({ endpoint, ...submitted }), ResultMismatchError)
        expect(error.retryable).to.equal(false)
      })
    }

    it('refuses another sum under the same root', async () => {
      const endpoint = await serveBytes(encodeLeaves(leaves))
      const work = fetchLeaves({ endpoint, ...submitted, totalSteps: totalSteps + 1n })
      await rejection(work, ResultMismatchError)
    })

    it('breaks off a file that does not end', async () => {
      let gone: Promise<void> | undefined
      const endpoint = await serve(async (request, response) => {
        gone = closedByClient(request)
        while (await write(response, stream));
      })
      await rejection(fetchLeaves({ endpoint, ...submitted }), ResultMismatchError)
      await gone
    })
  })

  it('refuses what was submitted, but exceeds the bounds of the job', async () => {
    const outOfSteps: LeafRow = {
      status: 'outOfSteps',
      exitCode: 0,
      outputRoot: emptyRoot,
      outputLength: 0,
      steps: 5n,
    }
    const all = [...leaves, outOfSteps]
    const endpoint = await serveBytes(encodeLeaves(all))
    const tree = resultTree(all)
    const fetch = (limits: { maxOutput?: number; stepLimit?: bigint }) =>
      fetchLeaves({
        endpoint,
        jobId,
        tasks: all.length,
        resultRoot: tree.root,
        totalSteps: tree.totalSteps,
        limits,
      })
    expect(await fetch({ maxOutput: 70_000, stepLimit: 5n })).to.have.length(all.length)
    expect((await rejection(fetch({ maxOutput: 69_999 }), MalformedResultError)).taskIndex).to.equal(3)
    expect((await rejection(fetch({ stepLimit: 4n }), MalformedResultError)).taskIndex).to.equal(6)
    expect((await rejection(fetch({ stepLimit: 6n }), MalformedResultError)).taskIndex).to.equal(6)
  })

  it('says when they are not served, or not yet', async () => {
    const endpoint = await serveBytes(new Uint8Array(), 404)
    const error = await rejection(fetchLeaves({ endpoint, ...submitted }), ResultNotPublishedError)
    expect(error.retryable).to.equal(true)
    expect(error.message).to.include(jobId).and.include(`${endpoint}/jobs/`)
  })

  it('says when the provider is away, fails or is silent', async () => {
    await rejection(fetchLeaves({ endpoint: await closedUrl(), ...submitted }), StoreUnreachableError)
    await rejection(
      fetchLeaves({ endpoint: await serveBytes(new Uint8Array(), 500), ...submitted }),
      StoreResponseError,
    )
    const silent = await serve(() => undefined)
    await rejection(fetchLeaves({ endpoint: silent, ...submitted, stallTimeout: 30 }), StoreTimeoutError)
  })
})

describe('fetching the outputs of a result', () => {
  afterEach(closeServers)
  const expected: TaskOutput[] = leaves.map(({ status, exitCode }, index) => ({
    index,
    status,
    exitCode,
    bytes: outputs[index]!,
  }))

  it('yields every task in order, however the stream is cut', async () => {
    for (const piece of [7777, 1000, stream.length]) {
      const endpoint = await serve(async ({ url }, response) => {
        expect(url).to.equal(`/jobs/${jobId}/outputs`)
        for (let at = 0; at < stream.length; at += piece)
          await write(response, stream.subarray(at, at + piece))
        response.end()
      })
      expect(await collect(fetchOutputs({ endpoint, jobId, leaves }))).to.deep.equal(expected)
    }
  })

  it('yields a task before the next has arrived', async () => {
    const { promise: first, resolve: haveFirst } = Promise.withResolvers<void>()
    const endpoint = await serve(async (_, response) => {
      await write(response, stream.subarray(0, 1000))
      await first
      response.end(stream.subarray(1000))
    })
    const seen: number[] = []
    for await (const { index } of fetchOutputs({ endpoint, jobId, leaves })) {
      seen.push(index)
      haveFirst()
    }
    expect(seen).to.deep.equal([0, 1, 2, 3, 4, 5])
  })

  it('asks for nothing when no task has an output', async () => {
    const silent = leaves.filter(({ outputLength }) => outputLength === 0)
    const all = await collect(fetchOutputs({ endpoint: await closedUrl(), jobId, leaves: silent }))
    expect(all.map(({ status }) => status)).to.deep.equal(['trapped', 'halted'])
  })

  describe('when it goes on from a task', () => {
    it('asks for the rest only', async () => {
      const ranges: (string | undefined)[] = []
      const endpoint = await serve(({ headers }, response) => {
        ranges.push(headers.range)
        response.writeHead(206).end(stream.subarray(1001))
      })
      expect(await collect(fetchOutputs({ endpoint, jobId, leaves, from: 3 }))).to.deep.equal(
        expected.slice(3),
      )
      expect(ranges).to.deep.equal(['bytes=1001-'])
    })

    it('skips what a server sends that knows no ranges', async () => {
      const endpoint = await serveBytes(stream)
      expect(await collect(fetchOutputs({ endpoint, jobId, leaves, from: 3 }))).to.deep.equal(
        expected.slice(3),
      )
    })

    it('yields nothing after the last', async () => {
      const endpoint = await closedUrl()
      expect(await collect(fetchOutputs({ endpoint, jobId, leaves, from: tasks }))).to.deep.equal([])
    })
  })

  describe('when the stream is wrong', () => {
    /** How many tasks came out before the error. */
    async function until(body: Uint8Array): Promise<[number, ContentMismatchError]> {
      const endpoint = await serveBytes(body)
      let count = 0
      const run = async () => {
        for await (const _ of fetchOutputs({ endpoint, jobId, leaves })) count++
      }
      const error = await rejection(run(), ContentMismatchError)
      return [count, error]
    }

    it('yields what is right and names the task that is not', async () => {
      const body = Uint8Array.from(stream)
      body[1000 + 1 + 69_999]! ^= 1
      const [count, error] = await until(body)
      expect([count, error.taskIndex]).to.deep.equal([3, 3])
      expect(error.message).to.include(`Expected: 70000 bytes with root ${leaves[3]!.outputRoot}`)
    })

    it('refuses a stream that ends too early', async () => {
      const [count, error] = await until(stream.subarray(0, stream.length - 1))
      expect([count, error.taskIndex]).to.deep.equal([5, 5])
      expect(error.message).to.include('Got:      299 bytes, then the end')
    })

    it('refuses a stream that goes on', async () => {
      const [count, error] = await until(Buffer.concat([stream, Buffer.alloc(1)]))
      expect([count, error.taskIndex]).to.deep.equal([tasks, undefined])
    })
  })

  it('says when the connection breaks, and goes on from there', async () => {
    let requests = 0
    const endpoint = await serve(async ({ headers }, response) => {
      requests++
      const start = Number(headers.range?.match(/\d+/)?.[0] ?? 0)
      if (start > 0) return void response.writeHead(206).end(stream.subarray(start))
      response.writeHead(200, { 'content-length': stream.length })
      await write(response, stream.subarray(0, 30_000))
      response.destroy()
    })
    const seen: TaskOutput[] = []
    const run = async () => {
      for await (const output of fetchOutputs({ endpoint, jobId, leaves, from: seen.length }))
        seen.push(output)
    }
    const error = await rejection(run(), StoreUnreachableError)
    expect([error.retryable, seen.length]).to.deep.equal([true, 3])
    await run()
    expect(seen).to.deep.equal(expected)
    expect(requests).to.equal(2)
  })

  it('closes the connection when nobody asks any more', async () => {
    let gone: Promise<void> | undefined
    const endpoint = await serve(async (request, response) => {
      gone = closedByClient(request)
      await write(response, stream.subarray(0, 5000))
    })
    for await (const { index } of fetchOutputs({ endpoint, jobId, leaves })) if (index === 2) break
    await gone
  })

  it('refuses a leaf over the limit before it asks', async () => {
    const work = collect(fetchOutputs({ endpoint: await closedUrl(), jobId, leaves, maxOutput: 69_999 }))
    const error = await rejection(work, ContentTooLargeError)
    expect(error.message).to.include('an output of 70000 bytes')
  })

  it('says when they are not served, or not yet', async () => {
    const endpoint = await serveBytes(new Uint8Array(), 404)
    await rejection(collect(fetchOutputs({ endpoint, jobId, leaves })), ResultNotPublishedError)
  })
})

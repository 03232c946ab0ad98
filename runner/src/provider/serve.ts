import { encodeLeaves, leafRowSize } from 'assay'
import type { Hex } from 'viem'
import type { JobResults } from '../store/server.ts'
import type { Journal } from './journal.ts'
import type { Results } from './results.ts'

/** What the provider serves of its jobs: nothing before the result stands on the chain, nothing that was not paid for. */
export function servedResults(journal: Journal, results: Results): JobResults {
  const publishedTotals = (jobId: Hex) => {
    const totals = journal.isPublished(jobId) ? journal.taskTotals(jobId) : null
    // No tasks where the journal was lost after the submission: there is nothing to serve then.
    return totals?.tasks ? totals : null
  }
  return {
    leaves(jobId) {
      const totals = publishedTotals(jobId)
      if (totals === null) return null
      if (journal.isSealed(jobId)) return sourceOf(journal.sealedLeaves(jobId))
      return { length: totals.tasks * leafRowSize, stream: (start) => leavesFile(results, jobId, start) }
    },
    outputs(jobId) {
      const totals = publishedTotals(jobId)
      if (totals === null) return null
      const stream = (start: number) => results.stream(jobId, results.rows(jobId), start)
      return { length: totals.outputBytes + totals.tasks * results.overhead(jobId), stream }
    },
    output(hash) {
      const found = journal.findOutput(hash)
      if (found === null) return null
      const { jobId, ...output } = found
      return { length: output.outputLength, stream: (start) => results.stream(jobId, [[output]], start) }
    },
  }
}

function sourceOf(bytes: Uint8Array | null) {
  if (bytes === null) return null
  return {
    length: bytes.length,
    async *stream(start: number) {
      yield bytes.subarray(start)
    },
  }
}

async function* leavesFile(results: Results, jobId: Hex, start: number) {
  let skip = start % leafRowSize
  for await (const rows of results.rows(jobId, Math.floor(start / leafRowSize))) {
    yield encodeLeaves(rows).subarray(skip)
    skip = 0
  }
}

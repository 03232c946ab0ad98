import { encodeLeaves } from 'assay'
import type { Hex } from 'viem'
import type { JobResults } from '../store/server.ts'
import type { Journal } from './journal.ts'
import type { Results } from './results.ts'

/** What the provider serves of its jobs: nothing before the result stands on the chain, nothing that was not paid for. */
export function servedResults(journal: Journal, results: Results): JobResults {
  const rowsOf = (jobId: Hex) => {
    const rows = journal.isPublished(jobId) ? results.rows(jobId) : []
    // None where the journal was lost after the submission: there is nothing to serve then.
    return rows.length > 0 ? rows : null
  }
  return {
    leaves(jobId) {
      const rows = rowsOf(jobId)
      return rows === null ? null : encodeLeaves(rows)
    },
    outputs(jobId) {
      const rows = rowsOf(jobId)
      if (rows === null) return null
      const length = rows.reduce((sum, row) => sum + row.outputLength, 0)
      return { length, stream: (start) => results.stream(jobId, rows, start) }
    },
    output(hash) {
      const found = journal.findOutput(hash)
      if (found === null) return null
      const { jobId, ...output } = found
      return { length: output.outputLength, stream: (start) => results.stream(jobId, [output], start) }
    },
  }
}

import { audit, renderAuditReport } from 'assay'
import { Command } from 'commander'
import type { Hex } from 'viem'
import { writeOutput } from '../cli/files.ts'
import { type ChainOptions, clientFor, parseIndex, parseJobId, withChain } from '../cli/options.ts'
import { Progress, print, toJson } from '../cli/output.ts'
import { executeSandboxed } from '../executor/executeTask.ts'
import { createExecutor } from '../executor/pool.ts'

type AuditOptions = ChainOptions & {
  job?: Hex[]
  sample: number
  fromBlock?: number
  block?: number
  out?: string
}

/** `assay audit`: everything the chain says, recomputed; needs no key. */
export function auditCommand(): Command {
  return withChain(new Command('audit'))
    .description(
      'recompute every balance from the logs, verify results, re-execute a sample; exits 1 on any difference',
    )
    .option('--job <id>', 'verify the published results of this job only; repeat for more', collectJob)
    .option('--sample <n>', 'tasks to execute again', parseIndex, 8)
    .option('--from-block <n>', "a block at or before the market's deployment", parseIndex)
    .option('--block <n>', 'audit the state of this block (default: the newest)', parseIndex)
    .option('--out <file>', 'also write the report as JSON')
    .addHelpText('after', '\nExample:\n  assay audit --sample 20')
    .action(async (options: AuditOptions) => {
      const client = await clientFor(options)
      const progress = new Progress(options.json)
      const executor = createExecutor({ slots: 1, onMissingWall: (line) => progress.note(line) })
      try {
        const report = await audit(client, {
          sample: options.sample,
          execute: executeSandboxed(executor),
          onProgress: ({ phase, done, total }) => progress.update(done, total, phase),
          ...(options.job && { jobs: options.job }),
          ...(options.market && { market: options.market }),
          ...(options.fromBlock !== undefined && { fromBlock: BigInt(options.fromBlock) }),
          ...(options.block !== undefined && { blockNumber: BigInt(options.block) }),
        })
        progress.end()
        print(options, report, renderAuditReport(report))
        if (report.findings.length > 0 || report.verdict !== 'solvent') process.exitCode = 1
        // Last: a file that cannot be written takes nothing of the report away.
        if (options.out !== undefined) writeOutput(options.out, `${toJson(report, 2)}\n`)
      } finally {
        progress.end()
        await executor.close()
      }
    })
}

function collectJob(value: string, previous: Hex[] = []): Hex[] {
  return [...previous, parseJobId(value)]
}

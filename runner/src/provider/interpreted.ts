import { getJobTerms } from 'assay'
import type { Hex } from 'viem'
import { persist } from './chain.ts'
import type { ProviderContext } from './context.ts'
import type { Journal } from './journal.ts'

/** Why only the interpreter may run a program; undefined where the native engine may. */
export function reasonFor(journal: Journal, programId: Hex): string | undefined {
  return journal.interpretedPrograms().get(programId.toLowerCase() as Hex)
}

/**
 * Whether only the interpreter may run this job's program, because the native engine was found to differ at it. What the
 * journal has of the job from before is forgotten then: nobody knows which of it is right.
 */
export function interpretsAlone(
  { journal, log }: Pick<ProviderContext, 'journal' | 'log'>,
  jobId: Hex,
  programId: Hex,
): boolean {
  const reason = reasonFor(journal, programId)
  if (reason === undefined) return false
  journal.interpretJob(jobId)
  log.error({ event: 'interpreting', jobId, programId, reason }, 'the interpreter alone runs this program')
  return true
}

/** Forgets the result of a job, unless it was signed for, if the interpreter alone may say it. */
export async function forgetDistrusted(context: ProviderContext, jobId: Hex): Promise<void> {
  const { client, journal } = context
  if (journal.interpretedPrograms().size === 0 || (journal.job(jobId)?.resultRoot ?? null) === null) return
  const read = () => getJobTerms(client, { jobId })
  const { programId } = await persist(context, 'reading the terms', read)
  if (reasonFor(journal, programId) !== undefined) journal.interpretJob(jobId)
}

/** Lets the native engine run a program again, at which the engines differed: the operator says that the cause is gone. */
export function trustAgain({ journal, log }: Pick<ProviderContext, 'journal' | 'log'>, programId: Hex): void {
  if (journal.trustProgram(programId))
    log.info({ event: 'engine-trusted', programId }, 'the native engine runs this program again')
  else log.warn({ event: 'engine-trusted', programId }, 'the engines never differed at this program')
}

/** Says which programs the native engine is not trusted with. */
export function warnOfInterpreted({ journal, log }: Pick<ProviderContext, 'journal' | 'log'>): void {
  for (const [programId, reason] of journal.interpretedPrograms())
    log.error(
      { event: 'engine-distrusted', programId, reason },
      'the engines differed at this program: the interpreter alone runs it',
    )
}

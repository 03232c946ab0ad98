import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Option } from 'commander'
import type { Hex } from 'viem'
import { JobKeyError } from '../errors.ts'

export type JobKeysOptions = { keys: string }

/** The option that names the folder of the keys of private jobs. */
export function jobKeysOption(): Option {
  return new Option('--keys <folder>', 'with private jobs: where their keys are kept').default('.assay/keys')
}

/**
 * Keeps the key of a private job, for its owner alone: who has it can read the job's inputs and outputs.
 *
 * @throws JobKeyError
 */
export function writeJobKey(folder: string, jobId: Hex, jobKey: Uint8Array): void {
  const path = pathOf(folder, jobId)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(path, `${Buffer.from(jobKey).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    throw new JobKeyError({ jobId, path, reason: (error as Error).message })
  }
}

/** @throws JobKeyError */
export function readJobKey(folder: string, jobId: Hex): Uint8Array {
  const path = pathOf(folder, jobId)
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new JobKeyError({ jobId, path, reason: (error as Error).message })
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw new JobKeyError({ jobId, path, reason: 'it is not 64 hex digits' })
  return Buffer.from(text, 'hex')
}

function pathOf(folder: string, jobId: Hex): string {
  return join(folder, `${jobId.toLowerCase()}.key`)
}

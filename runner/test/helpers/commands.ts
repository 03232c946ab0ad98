import { main } from '../../src/cli/main.ts'

export type Ended = { code: number; stdout: string; stderr: string }

/** Runs a command line in this process, and keeps what it writes. */
export async function command(...args: string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  const kept = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      return true
    }
  try {
    return { code: await main(args, '0'), ...written }
  } finally {
    for (const name of ['stdout', 'stderr'] as const) process[name].write = kept[name]
    process.exitCode = undefined
  }
}

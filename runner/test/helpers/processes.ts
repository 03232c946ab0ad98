import { readdirSync, readFileSync } from 'node:fs'

/** Whether this system shows processes as files. */
export const canSeeProcesses = process.platform === 'linux'

/** Ids of a process's children that run the executor's program. */
export function sandboxesOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes('executor/child.'))
}

/** Whether a process is there and is not merely waiting to be buried. */
export function isAlive(pid: number): boolean {
  return !['', 'Z', 'X'].includes(fieldsOf(pid)[0] ?? '')
}

/** Whether a process is not even waiting to be buried, so that its parent knows. */
export function isBuried(pid: number): boolean {
  return fieldsOf(pid).length === 0
}

/** Polls until something holds. */
export async function until(condition: () => boolean, what: string, attempts = 500): Promise<void> {
  for (let i = 0; i < attempts; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (condition()) return
  }
  throw new Error(`did not happen: ${what}`)
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1] ?? 0)
}

/** State, parent and so on: what follows the name in parentheses. */
function fieldsOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SetupError, say } from './report.mjs'

const POLL_MS = 100
const HEARTBEAT_MS = 5_000
/** A lock not touched for this long is nobody's, whatever process has its number by now. */
const ABANDONED_MS = 5 * 60_000
const PATIENCE_MS = 30 * 60_000

/**
 * Runs `work` while no other process of this checkout is inside its own `withLock`. The lock is a file naming the
 * processes at work (the owner and the commands it runs: npm goes on when only its parent is killed). It is taken over
 * when all of them are gone, or when its owner stopped touching it.
 *
 * @template T
 * @param {string} path
 * @param {(lock: { include(pid: number): void, exclude(pid: number): void }) => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {SetupError} when the lock is not free after half an hour
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true })
  await acquire(path)
  const pids = new Set([process.pid])
  const rewrite = () => {
    writeFileSync(draftOf(path), content(pids))
    renameSync(draftOf(path), path)
  }
  const heartbeat = setInterval(rewrite, HEARTBEAT_MS)
  try {
    return await work({
      include(pid) {
        pids.add(pid)
        rewrite()
      },
      exclude(pid) {
        pids.delete(pid)
        rewrite()
      },
    })
  } finally {
    clearInterval(heartbeat)
    rmSync(path, { force: true })
  }
}

async function acquire(path) {
  const limit = Date.now() + PATIENCE_MS
  for (let told = false; ; ) {
    if (create(path)) return
    const holder = read(path)
    if (!holder) continue
    if (isAbandoned(holder)) {
      takeAway(path, holder)
      continue
    }
    if (!told) say(`waiting for another set-up of this checkout (process ${holder.pids.join(', ')})`)
    told = true
    if (Date.now() > limit) {
      throw new SetupError('Another set-up of this checkout does not end.', {
        remedy: `End process ${holder.pids.join(', ')}, or delete ${path} if it is something else.`,
      })
    }
    await delay(POLL_MS)
  }
}

/** Creates the lock in one step with its content, so that nobody ever reads half of it. */
function create(path) {
  const draft = draftOf(path)
  writeFileSync(draft, content([process.pid]))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Removes the lock only if it is still the one that was read: another process may have taken it over since. */
function takeAway(path, holder) {
  const aside = `${path}.${process.pid}.aside`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== holder.text) linkSync(aside, path)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function draftOf(path) {
  return `${path}.${process.pid}`
}

function content(pids) {
  return JSON.stringify({ host: hostname(), pids: [...pids] })
}

function read(path) {
  try {
    const text = readFileSync(path, 'utf8')
    return { text, touched: statSync(path).mtimeMs, host: undefined, pids: [], ...parse(text) }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function isAbandoned({ host, pids, touched }) {
  if (Date.now() - touched > ABANDONED_MS) return true
  return host === hostname() && !pids.some(isAlive)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

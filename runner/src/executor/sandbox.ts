import { type ChildProcess, spawn } from 'node:child_process'
import { FrameFault, FrameReader } from './frameReader.ts'
import { headerBytes } from './frames.ts'

/** How a child came to its end. */
export type SandboxEnd = {
  code: number | null
  signal: string | null
  stderr: string
  fault: string | undefined
}

export type SandboxEvents = {
  /** The longest payload that may come now. */
  frameLimit: () => number
  /** May throw a {@link FrameFault}, which ends the child. */
  onFrame: (kind: number, payload: Buffer) => void
  /** The process is gone; frames may still come. */
  onExit: () => void
  /** After the last frame; once. */
  onEnd: (end: SandboxEnd) => void
}

const stderrLength = 2_000

/** One child process and the frames to and from it. It does not keep the parent's event loop alive. */
export class Sandbox {
  readonly #process: ChildProcess
  #corked = false
  #stderr = ''
  #fault: string | undefined
  #ended = false

  constructor([file, args]: [string, string[]], { frameLimit, onFrame, onExit, onEnd }: SandboxEvents) {
    // A process group of its own: an interrupt at the terminal is for the provider, which then decides.
    const child = spawn(file, args, { stdio: 'pipe', env: {}, cwd: '/', detached: true, windowsHide: true })
    this.#process = child
    const reader = new FrameReader(frameLimit, onFrame)
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#fault !== undefined) return
      try {
        reader.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameFault)) throw error
        this.#fault = error.reason
        this.kill()
      }
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(-stderrLength)
    })
    const end = (code: number | null, signal: string | null) => {
      if (this.#ended) return
      this.#ended = true
      onEnd({ code, signal, stderr: this.#stderr.trim(), fault: this.#fault })
    }
    child.on('exit', onExit)
    child.on('close', end)
    child.on('error', (error) => {
      this.#stderr += error.message
      if (child.pid === undefined) end(null, null)
    })
    // A child that is gone is noticed by its end.
    child.stdin.on('error', () => {})
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr])
      (stream as unknown as { unref: () => void }).unref()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Sends a frame: some u32 fields, then bytes. Bytes must not change until they are sent. */
  send(kind: number, fields: readonly number[], tail?: Uint8Array): void {
    const stdin = this.#process.stdin!
    if (!this.#corked) {
      this.#corked = true
      stdin.cork()
      process.nextTick(() => {
        this.#corked = false
        stdin.uncork()
      })
    }
    const fieldBytes = 4 * fields.length
    const tailLength = tail?.length ?? 0
    const joined = tailLength <= 4_096
    const head = Buffer.allocUnsafe(headerBytes + fieldBytes + (joined ? tailLength : 0))
    head.writeUInt32LE(fieldBytes + tailLength, 0)
    head[4] = kind
    for (const [i, field] of fields.entries()) head.writeUInt32LE(field, headerBytes + 4 * i)
    if (tail !== undefined && joined) head.set(tail, headerBytes + fieldBytes)
    stdin.write(head)
    if (tail !== undefined && !joined) stdin.write(tail)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

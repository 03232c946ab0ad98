import { readSync, writeSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import {
  answer,
  endedHeaderBytes,
  haltedHeaderBytes,
  headerBytes,
  maxReasonLength,
  order,
  taskHeaderBytes,
} from './frames.ts'
import { type GuestEnding, type GuestTask, releaseGuest, runGuest } from './guest.ts'
import { lockDown } from './lockdown.ts'

// The sandboxed child: reads orders from stdin, one after the other, and answers each on stdout before it reads
// the next. It has no event loop, so it ends with its stdin, or by SIGKILL in the midst of a program.

// Globals are gone once the process is locked down: what is needed later is held here.
const { Module } = WebAssembly
const Bytes = Uint8Array
const View = DataView
const text = String
const encoder = new TextEncoder()
const exit = process.exit.bind(process)
const now = performance.now.bind(performance)
const collectGarbage = (globalThis as { gc?: () => void }).gc ?? (() => {})

/** Memories of finished tasks are garbage that the collector does not see the size of: it is told. */
const garbageBytes = 128 * 2 ** 20
const garbageTasks = 1_024
let garbage = 0
let tasks = 0

const noSteps = 0n

const stdin = 0
const stdout = 1
const stagingBytes = 256 * 1_024
const staging = new Bytes(stagingBytes)
const staged = new View(staging.buffer)
let from = 0
let to = 0

/** Both builds of a program. The precise one is compiled when a task traps. */
type Builds = { fast: WebAssembly.Module; precise: WebAssembly.Module | Uint8Array }

const programs = new Map<number, Builds>()
const sharedInputs = new Map<number, Uint8Array>([[0, new Bytes(0)]])

/** Reads until `count` bytes are staged. */
function stage(count: number): void {
  if (to - from >= count) return
  if (from + count > stagingBytes) {
    staging.copyWithin(0, from, to)
    to -= from
    from = 0
  }
  while (to - from < count) to += read(staging, to, stagingBytes - to)
}

function read(target: Uint8Array, at: number, length: number): number {
  const count = readSync(stdin, target, at, length, null)
  if (count === 0) exit(0)
  return count
}

/** The payload of a frame: a view of the staging area that holds until the next frame, or bytes of its own. */
function readPayload(length: number): Uint8Array {
  if (length <= stagingBytes) {
    stage(length)
    from += length
    return staging.subarray(from - length, from)
  }
  const payload = new Bytes(length)
  let at = to - from
  payload.set(staging.subarray(from, to))
  from = 0
  to = 0
  while (at < length) at += read(payload, at, length - at)
  return payload
}

const scratch = new Bytes(headerBytes + haltedHeaderBytes + 4 * maxReasonLength)
const fields = new View(scratch.buffer)

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(stdout, bytes, at, bytes.length - at, null)
}

/** Writes a frame whose first fields stand in the scratch area already. */
function send(kind: number, fieldBytes: number, tail: Uint8Array): void {
  fields.setUint32(0, fieldBytes + tail.length, true)
  fields.setUint8(4, kind)
  const start = headerBytes + fieldBytes
  if (start + tail.length <= scratch.length) {
    scratch.set(tail, start)
    write(scratch.subarray(0, start + tail.length))
  } else {
    write(scratch.subarray(0, start))
    write(tail)
  }
}

const reasonBytes = (reason: string) => encoder.encode(reason.slice(0, maxReasonLength))

function compile(no: number, fastLength: number, bytes: Uint8Array): void {
  let reason = ''
  try {
    const fast = new Module(bytes.subarray(0, fastLength) as Uint8Array<ArrayBuffer>)
    programs.set(no, { fast, precise: bytes.slice(fastLength) })
  } catch (error) {
    reason = text(error) || 'unknown'
  }
  fields.setUint32(headerBytes, no, true)
  send(answer.program, 4, reasonBytes(reason))
}

function keep(no: number, bytes: Uint8Array): void {
  sharedInputs.set(no, bytes.buffer === staging.buffer ? bytes.slice() : bytes)
  fields.setUint32(headerBytes, no, true)
  send(answer.shared, 4, new Bytes(0))
}

function run(payload: Uint8Array): void {
  const { byteOffset } = payload
  const header = payload.buffer === staging.buffer ? staged : new View(payload.buffer)
  const id = header.getUint32(byteOffset, true)
  const builds = programs.get(header.getUint32(byteOffset + 4, true))
  const shared = sharedInputs.get(header.getUint32(byteOffset + 8, true))
  const maxOutput = header.getUint32(byteOffset + 12, true)
  const stepLimit = header.getBigUint64(byteOffset + 16, true)
  const started = now()
  const ending: GuestEnding =
    builds === undefined || shared === undefined
      ? { kind: 'failed', reason: 'program or shared input is missing' }
      : runBuilds(builds, { shared, input: payload.subarray(taskHeaderBytes), maxOutput, stepLimit })
  fields.setUint32(headerBytes, id, true)
  fields.setFloat64(headerBytes + 4, (now() - started) * 1_000, true)
  fields.setBigUint64(headerBytes + 12, ending.kind === 'failed' ? noSteps : ending.steps, true)
  if (ending.kind === 'halted') {
    fields.setUint32(headerBytes + 20, ending.exitCode, true)
    send(answer.halted, haltedHeaderBytes, ending.output)
  } else send(answer[ending.kind], endedHeaderBytes, reasonBytes('reason' in ending ? ending.reason : ''))

  garbage += releaseGuest() + payload.length
  if (garbage > garbageBytes || ++tasks > garbageTasks || ending.kind === 'failed') cleanUp()
}

/** The fast build knows all but the steps of a trap; for those the precise one runs the task again. */
function runBuilds(builds: Builds, task: Omit<GuestTask, 'module'>): GuestEnding {
  const ending = runGuest({ ...task, module: builds.fast })
  if (ending.kind !== 'trapped') return ending
  garbage += releaseGuest()
  if (garbage > garbageBytes) cleanUp()
  try {
    if (!(builds.precise instanceof Module))
      builds.precise = new Module(builds.precise as Uint8Array<ArrayBuffer>)
  } catch (error) {
    return { kind: 'failed', reason: `precise build: ${text(error)}` }
  }
  return runGuest({ ...task, module: builds.precise })
}

/** The first collection only begins to free memories, in another thread; the second waits until they are. */
function cleanUp(): void {
  collectGarbage()
  if (garbage > garbageBytes) collectGarbage()
  garbage = 0
  tasks = 0
}

function serve(): never {
  for (;;) {
    stage(headerBytes)
    const length = staged.getUint32(from, true)
    const kind = staging[from + 4]
    from += headerBytes
    const payload = readPayload(length)
    if (kind === order.task) {
      run(payload)
      continue
    }
    const view = new View(payload.buffer, payload.byteOffset)
    const no = view.getUint32(0, true)
    if (kind === order.program) compile(no, view.getUint32(4, true), payload.subarray(8))
    else if (kind === order.shared) keep(no, payload.subarray(4))
    else if (kind === order.dropProgram) programs.delete(no)
    else if (kind === order.dropShared) sharedInputs.delete(no)
  }
}

// A loop would stay in the baseline compiler's code until its function returns. Set here and not on the command line,
// where it would hold for the module by which Node reads TypeScript as well, and take seconds.
setFlagsFromString('--no-liftoff')
lockDown()
send(answer.ready, 0, new Bytes(0))
serve()

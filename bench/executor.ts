/**
 * The executor alone: tiny tasks per second on two slots, how long a child takes to start, what parent and children weigh.
 *
 *   node scripts/bootstrap.mjs node --conditions=assay-source bench/executor.ts [tasks]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { programIdOf } from 'assay'
import { loadProgram } from '../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../examples/tiny/mix.ts'
import { createExecutor } from '../runner/src/executor/pool.ts'

const SLOTS = 2
const tasks = Number(process.argv[2] ?? 20_000)
const program = await loadProgram('tiny')
const programId = programIdOf(program)
const mib = (kib: number) => `${Math.round(kib / 1_024)} MiB`

/** Peak resident memory of a process in KiB; 0 where the system does not tell. */
function peakMemory(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

function children(): number[] {
  const isChild = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid)
    } catch {
      return false
    }
  }
  return process.platform === 'linux' ? readdirSync('/proc').filter(isChild).map(Number) : []
}

const executor = createExecutor({ slots: SLOTS, onMissingWall: (line) => console.error(line) })
const task = { programId, program, stepLimit: 1n << 30n, maxOutput: 64, wallTimeMs: 10_000 }
const inputs = tinyInputs(tasks)

let started = performance.now()
await executor.check(task)
console.log(
  `first program checked   ${Math.round(performance.now() - started)} ms (child started, program compiled)`,
)

let wrong = 0
let insideMs = 0
for (const round of [1, 2, 3]) {
  const cpu = process.cpuUsage()
  started = performance.now()
  let next = 0
  // As many at a time as a provider keeps in the queue, so that memory is measured as it will be.
  const lane = async () => {
    while (next < tasks) {
      const input = inputs[next++] as Uint8Array
      const { output, wallMs } = await executor.run({ ...task, input })
      if (Buffer.compare(output, tinyOutput(input)) !== 0) wrong++
      insideMs += wallMs
    }
  }
  await Promise.all(Array.from({ length: 64 * SLOTS }, lane))
  const seconds = (performance.now() - started) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  const share = Math.round((100 * (user + system)) / 1e6 / seconds)
  console.log(
    `round ${round}                 ${Math.round(tasks / seconds)} tasks/s, parent at ${share} % of a core`,
  )
}

console.log(`wrong answers           ${wrong}`)
console.log(`mean time inside        ${Math.round((1_000 * insideMs) / (3 * tasks))} µs`)
console.log(`parent, peak            ${mib(peakMemory(process.pid))}`)
console.log(
  `children, peak          ${children()
    .map((pid) => mib(peakMemory(pid)))
    .join(', ')}`,
)
await executor.close()
if (wrong > 0) process.exitCode = 1

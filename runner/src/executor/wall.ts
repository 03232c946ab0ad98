import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a child is to be walled in. */
export type WallLimits = {
  /** Pages of 64 KiB that one memory may have. */
  memoryPages: number
  /** Bytes of writable memory that the whole process may have, JavaScript heap and code included. */
  dataBytes: number
}

/** Walls of the operating system that this machine offers, as prefixes of a command line. */
export type Walls = {
  /** A shell to set resource limits with. */
  shell: string | undefined
  /** Runs a command without network. */
  isolate: readonly string[]
  /** Runs a command that dies when the process that started it does. */
  dieWithParent: readonly string[]
  /** What is missing, one line each, for the operator. */
  missing: readonly string[]
}

/** JavaScript heap of a child, MiB. Programs do not live there; bytes that they read and write do not either. */
const heapMiB = 128
/** Stack for programs, KiB, of which V8 gets what is sure to be there. */
const stackKiB = { system: 66_560, engine: 61_440 }

/** Pages that Node needs itself, for its reader of TypeScript. Programs are held to less by their own maximum. */
const nodePages = 1_024

const extension = extname(import.meta.url)
const ownFile = (name: string) => fileURLToPath(new URL(`./${name}${extension}`, import.meta.url))

/** The child's program and everything that it imports: all that it may read. */
export const childFiles = { entry: ownFile('child'), others: ['frames', 'guest', 'lockdown'].map(ownFile) }

/**
 * The command that starts a child.
 *
 * Node's own flags take away files, child processes, workers, addons, WASI and code from strings, and bound memories.
 * They leave the network open, so a network namespace closes it where there are any. The shell in front sets
 * limits that hold even if the engine itself was taken over: no core dumps, no file may grow, writable memory is
 * bounded, and if memory runs out all the same, the kernel takes the child first. It also makes room for a
 * larger stack, which V8 cannot be given safely without.
 *
 * @param files - What runs in it; tests put a script of their own there.
 */
export function childCommand(limits: WallLimits, walls: Walls, files = childFiles): [string, string[]] {
  const node = [
    '--permission',
    ...[files.entry, ...files.others].map((file) => `--allow-fs-read=${file}`),
    `--wasm-max-mem-pages=${Math.max(limits.memoryPages, nodePages)}`,
    `--max-old-space-size=${heapMiB}`,
    '--v8-pool-size=1',
    '--expose-gc',
    '--no-wasm-lazy-compilation',
    '--disallow-code-generation-from-strings',
    '--no-addons',
    '--no-experimental-websocket',
    '--no-experimental-global-navigator',
    '--no-warnings',
    files.entry,
  ]
  if (walls.shell === undefined) return [process.execPath, node]
  const script = [
    'ulimit -c 0',
    `ulimit -d ${Math.ceil(limits.dataBytes / 1_024)}`,
    `ulimit -S -s ${stackKiB.system} && stack=--stack-size=${stackKiB.engine}`,
    'echo 1000 > /proc/self/oom_score_adj',
    'unset PWD OLDPWD',
    'ulimit -f 0',
    `exec 2>&3 3>&- ${[...walls.isolate, ...walls.dieWithParent].join(' ')} "$0" $stack "$@"`,
  ]
  // What a limit's setting prints on systems that do not have it is of no use: stderr is Node's alone.
  return [walls.shell, ['-c', `exec 3>&2 2>/dev/null\n${script.join('\n')}`, process.execPath, ...node]]
}

const isolations = [['unshare', '--user', '--net', '--ipc', '--'], ['unshare', '--net', '--ipc', '--'], []]
const parentDeaths = [['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'], []]

let found: Promise<Walls> | undefined

/** Finds out, once per process, which walls this machine offers, by trying them. */
export function findWalls(): Promise<Walls> {
  found ??= probeWalls()
  return found
}

async function probeWalls(): Promise<Walls> {
  const shell = existsSync('/bin/sh') ? '/bin/sh' : undefined
  if (shell === undefined)
    return {
      shell,
      isolate: [],
      dieWithParent: [],
      missing: ['no /bin/sh: children have no resource limits'],
    }
  const isolate = (await firstThatRuns(isolations.map(located))) ?? []
  const dieWithParent = (await firstThatRuns(parentDeaths.map(located))) ?? []
  const missing: string[] = []
  if (isolate.length === 0)
    missing.push('no network namespace (unshare): children keep the network of the machine')
  if (dieWithParent.length === 0)
    missing.push('no setpriv: a task goes on to its end when the provider is killed in the midst of it')
  return { shell, isolate, dieWithParent, missing }
}

/** The command with its program's full path; undefined where it is not installed. */
function located(command: readonly string[]): readonly string[] | undefined {
  const [name, ...rest] = command
  if (name === undefined) return []
  const path = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((folder) => `${folder}/${name}`)
    .find(existsSync)
  return path === undefined ? undefined : [path, ...rest]
}

async function firstThatRuns(commands: (readonly string[] | undefined)[]) {
  for (const command of commands) {
    if (command === undefined) continue
    if (command.length === 0 || (await runs(command))) return command
  }
}

/** Reads the files named after it. */
const readAll = 'process.argv.slice(1).map((file) => fs.readFileSync(file))'

/** Whether Node starts behind these walls and can still read the child's files: namespaces take root's privileges away. */
function runs([file = '', ...args]: readonly string[]): Promise<boolean> {
  const node = [process.execPath, '--eval', readAll, childFiles.entry, ...childFiles.others]
  return new Promise((resolve) => {
    const probe = spawn(file, [...args, ...node], { stdio: 'ignore', env: {}, cwd: '/', timeout: 5_000 })
    probe.on('error', () => resolve(false))
    probe.on('exit', (code) => resolve(code === 0))
  })
}

import { type ChildProcess, fork } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Compiled, ContractName, Profile } from './compiler.ts'
import type { CompileOrder, CompileReport, WorkerData } from './compileWorker.ts'
import { MutationError } from './errors.ts'
import type { Project } from './project.ts'
import type { FileReport, Message, Order } from './testProcess.ts'

const WORKER = new URL('./compileWorker.ts', import.meta.url)
const TESTS = fileURLToPath(new URL('./testProcess.ts', import.meta.url))
/** Two runs print the same seeds, and take the same random steps. */
const SEED = '1'

/** How a run of tests ended. */
export interface TestRun {
  reports: FileReport[]
  ending: 'done' | 'timeout' | { crash: string }
}

/**
 * One compiler and one set of artifacts, to try one mutant after the other. It reads the sources and tests of the
 * checkout, and writes into its own folder only.
 */
export class Lane {
  readonly #root: string
  readonly #folder: string
  readonly #project: Project
  readonly #worker: Worker

  /** @param folder its own, inside the checkout; what is in it goes */
  constructor(root: string, folder: string, project: Project) {
    this.#root = root
    this.#folder = folder
    this.#project = project
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    // What the compiler said is large, and no contract test reads it.
    const filter = (path: string) => !path.endsWith('build-info')
    cpSync(join(root, 'artifacts'), join(folder, 'artifacts'), { recursive: true, filter })
    writeFileSync(join(folder, 'hardhat.config.ts'), this.#config())
    const sources = new Map([...project.sources].map(([file, { text }]) => [file, text]))
    this.#worker = new Worker(WORKER, { workerData: { sources } satisfies WorkerData })
  }

  /** Compiles contracts, with one source replaced if one is given; the errors where there are any. */
  compile(wanted: readonly ContractName[], profile: Profile, changed?: CompileOrder['changed']) {
    const files = new Set(wanted.flatMap(({ file }) => [...this.#project.closureOf(file)]))
    const order: CompileOrder = {
      files: [...files],
      wanted: [...wanted],
      profile,
      ...(changed && { changed }),
    }
    return new Promise<CompileReport>((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (report: CompileReport) => {
        this.#worker.off('error', reject)
        resolve(report)
      })
      this.#worker.postMessage(order)
    })
  }

  /** Puts code into the artifacts that the tests deploy from; what else stands there stays. */
  install(compiled: readonly Compiled[]): void {
    for (const { file, name, ...code } of compiled) {
      const path = join(this.#folder, 'artifacts', file, `${name}.json`)
      const artifact = JSON.parse(readFileSync(path, 'utf8')) as object
      writeFileSync(path, JSON.stringify({ ...artifact, ...code }))
    }
  }

  /**
   * Runs files of tests in a process of their own.
   *
   * @param order the files in their order, relative to the checkout, and whether to go on after a failure
   * @param actions how many random calls the model makes
   * @throws {MutationError} when tests could not be run, which says nothing about the contracts
   */
  test(order: Order, actions: number, limitSeconds: number): Promise<TestRun> {
    const child = fork(TESTS, [], {
      cwd: this.#root,
      execArgv: ['--conditions=assay-source'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        HARDHAT_CONFIG: join(this.#folder, 'hardhat.config.ts'),
        HARDHAT_DISABLE_TELEMETRY: 'true',
        NODE_COMPILE_CACHE: join(this.#folder, '..', 'compile-cache'),
        ...{ FUZZ_SEED: SEED, FUZZ_ACTIONS: String(actions) },
      },
    })
    const run = listen(child, limitSeconds)
    child.send(order)
    return run
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The project's own configuration, with artifacts of this lane, and room for code that nobody optimised. */
  #config(): string {
    const own = relative(this.#folder, join(this.#root, 'hardhat.config.ts')).replaceAll('\\', '/')
    return [
      `import config from '${own}'`,
      'const { default: network, ...networks } = config.networks',
      'export default {',
      '  ...config,',
      `  paths: ${JSON.stringify({ artifacts: join(this.#folder, 'artifacts'), cache: join(this.#folder, 'cache') })},`,
      '  networks: { ...networks, default: { ...network, allowUnlimitedContractSize: true } },',
      '}',
      '',
    ].join('\n')
  }
}

/** Waits for the end of a process of tests. */
function listen(child: ChildProcess, limitSeconds: number): Promise<TestRun> {
  return new Promise((resolve, reject) => {
    const reports: FileReport[] = []
    let last: Message | undefined
    let stderr = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, limitSeconds * 1000)
    child.stderr?.on('data', (chunk) => {
      stderr = `${stderr}${chunk}`.slice(-4_000)
    })
    child.on('message', (message: Message) => {
      last = message
      if ('report' in message) reports.push(message.report)
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (late) resolve({ reports, ending: 'timeout' })
      else if (last !== undefined && 'done' in last) resolve({ reports, ending: 'done' })
      else if (last !== undefined && 'broken' in last) reject(new MutationError(last.broken))
      else if (signal !== null) reject(new MutationError(`The tests were stopped by ${signal}.\n\n${stderr}`))
      else resolve({ reports, ending: { crash: `exit code ${code}\n${stderr}` } })
    })
  })
}

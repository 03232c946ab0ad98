import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { childCommand, childFiles, findWalls, type Walls } from '../src/executor/wall.ts'
import { canSeeProcesses, isAlive, sandboxesOf, until } from './helpers/processes.ts'

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
const noWalls: Walls = { shell: undefined, isolate: [], dieWithParent: [], missing: [] }
const limits = { memoryPages: 1_024, dataBytes: 2 ** 32 }

describe('the walls around a child', function () {
  this.timeout(30_000)
  let server: Server
  before((done) => {
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1', done)
  })
  after(() => server.close())

  /** What the probe could do behind some walls. */
  async function probe(walls: Walls): Promise<Record<string, unknown>> {
    const files = { entry: fixture('probe.ts'), others: childFiles.others }
    const [file, args] = childCommand(limits, walls, files)
    const { port } = server.address() as AddressInfo
    const child = spawn(file, [...args, String(port)], {
      env: {},
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (errors += chunk))
    await once(child, 'close')
    expect(output, errors).not.to.equal('')
    return JSON.parse(output)
  }

  for (const [title, walls] of [
    ['Node’s own alone', () => noWalls],
    ['all that this machine offers', findWalls],
  ] as const)
    describe(`given ${title}`, () => {
      let report: Record<string, unknown>
      before(async () => {
        report = await probe(await walls())
      })

      it('leave it no files, processes, workers, addons or code from strings', () => {
        expect(report).to.include({
          'read a file': 'ERR_ACCESS_DENIED',
          'read the folder it lies in': 'ERR_ACCESS_DENIED',
          'write a file': 'ERR_ACCESS_DENIED',
          'start a process': 'ERR_ACCESS_DENIED',
          'start a worker': 'ERR_ACCESS_DENIED',
          'load an addon': 'ERR_DLOPEN_DISABLED',
          'make code': 'EvalError',
        })
      })

      it('leave it no environment', () => {
        expect(report.environment).to.deep.equal({})
      })

      it('leave it no way to clocks, randomness and the network from within the language', () => {
        expect(report.globals).to.have.members(['WebAssembly', 'Infinity', 'NaN'])
        expect(report.doors).to.deep.equal([])
        for (const [name, value] of Object.entries(report)) {
          if (name.startsWith('after lockdown')) expect(value, name).to.equal('undefined')
          if (name.startsWith('import')) expect(value, name).to.equal('sealed')
        }
      })
    })

  it('close the network where there are network namespaces', async function () {
    const walls = await findWalls()
    expect((await probe(noWalls)).network).to.equal('allowed')
    if (walls.isolate.length === 0) this.skip()
    expect((await probe(walls)).network).to.be.oneOf(['ENETUNREACH', 'ECONNREFUSED', 'EHOSTUNREACH'])
  })

  it('are found once, and each that is missing is said', async () => {
    const walls = await findWalls()
    expect(await findWalls()).to.equal(walls)
    const absent = [walls.isolate, walls.dieWithParent].filter(({ length }) => length === 0).length
    expect(walls.missing).to.have.length(walls.shell === undefined ? 1 : absent)
  })

  describe('given a provider that is killed in the midst of a task', () => {
    let provider: ChildProcess
    afterEach(() => provider?.kill('SIGKILL'))

    it('leaves no child behind', async function () {
      const walls = await findWalls()
      if (!canSeeProcesses || walls.dieWithParent.length === 0) this.skip()
      provider = spawn(process.execPath, [...process.execArgv, fixture('orphan.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(provider.stdout!, 'data')
      await until(() => sandboxesOf(provider.pid!).length === 2, 'both slots are busy')
      const pids = sandboxesOf(provider.pid!)
      provider.kill('SIGKILL')
      await until(() => !pids.some(isAlive), 'the children are dead')
    })
  })
})

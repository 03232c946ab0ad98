import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const codeOf = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) =>
    code.trim(),
  )
const PORTS = { chain: 8_545, store: 4_400, provider: 4_401 }

/** A free port, the given one if nothing listens there. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(freePort(0)))
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** A command in a shell, as somebody would type it, with everything that it starts. */
class Typed {
  readonly #child: ChildProcess
  readonly exited: Promise<number | NodeJS.Signals | null>
  output = ''
  #onOutput = () => {}

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    // A process group of its own, as a terminal gives to each command.
    this.#child = spawn('sh', ['-c', command], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        this.#onOutput()
      })
    }
    this.exited = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => resolve(code ?? signal)),
    )
  }

  /** Resolves once the output has these words; rejects where the command ends before. */
  async says(words: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#onOutput = () => this.output.includes(words) && resolve()
      this.#onOutput()
    })
    const ended = this.exited.then((code) =>
      expect.fail(`ended (${code}) before "${words}":\n${this.output}`),
    )
    await Promise.race([said, ended])
  }

  async stop(): Promise<void> {
    const signal = (name: NodeJS.Signals) => {
      try {
        process.kill(-(this.#child.pid as number), name)
      } catch {
        // It has ended.
      }
    }
    signal('SIGTERM')
    const timer = setTimeout(() => signal('SIGKILL'), 10_000)
    await this.exited
    clearTimeout(timer)
  }
}

describe('README.md', () => {
  const [demo, test, up, provide, requester] = codeOf('sh')
  const typed: Typed[] = []
  let folder: string
  let env: NodeJS.ProcessEnv

  before(() => {
    // Looks like the checkout, but what the commands write lands here.
    folder = mkdtempSync(join(tmpdir(), 'assay-readme-'))
    const { name, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name, private: true, type: 'module', scripts }),
    )
    for (const part of ['scripts', 'examples']) symlinkSync(join(root, part), join(folder, part))
    const own = Object.entries(process.env).filter(([key]) => !key.startsWith('ASSAY_'))
    env = { ...Object.fromEntries(own), NO_COLOR: '1' }
  })

  after(async () => {
    await Promise.all(typed.reverse().map((command) => command.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  const type = (command: string) => {
    const started = new Typed(command, folder, env)
    typed.push(started)
    return started
  }
  const expectSuccess = async (command: string): Promise<string> => {
    const started = type(command)
    const code = await started.exited
    expect(code, `${command}\n${started.output}`).to.equal(0)
    return started.output
  }

  it('has the commands that are run here, and the tests', () => {
    expect(codeOf('sh')).to.have.length(5)
    expect(test).to.equal('npm test')
  })

  it('shows a demo that ends with a picture and a clean audit', async function () {
    this.timeout(300_000)
    const output = await expectSuccess(demo ?? '')
    expect(output).to.match(/^solvent: \d+ values compared, no difference, 8 of 8 results verified$/m)
    expect(output).to.include('Bob is killed in the middle of')
    expect(existsSync(join(folder, 'demo-output', 'pathtracer.png'))).to.equal(true)
  })

  describe('in three terminals', () => {
    const ports = { ...PORTS }

    before(async function () {
      this.timeout(180_000)
      for (const name of ['chain', 'store', 'provider'] as const) ports[name] = await freePort(PORTS[name])
      const flags = (...pairs: [flag: string, port: 'chain' | 'store' | 'provider'][]) =>
        pairs.map(([flag, port]) => (ports[port] === PORTS[port] ? '' : ` ${flag} ${ports[port]}`)).join('')
      if (ports.chain !== PORTS.chain) env = { ...env, ASSAY_RPC_URL: `http://127.0.0.1:${ports.chain}` }
      if (ports.store !== PORTS.store) env = { ...env, ASSAY_STORE: `http://127.0.0.1:${ports.store}` }
      await type(`${up}${flags(['--port', 'chain'], ['--store-port', 'store'])}`).says(
        'Next, in other terminals',
      )
      await type(`${provide}${flags(['--port', 'provider'])}`).says('watching for jobs')
    })

    it('runs a job, lists it, shows its provider and audits the market', async function () {
      this.timeout(180_000)
      const outputs: string[] = []
      for (const command of requester?.split('\n') ?? []) outputs.push(await expectSuccess(command))
      const [run, jobs, provider, audit] = outputs
      expect(run).to.match(/1 verified outputs?, for [\d.]+ ASSAY/)
      expect(jobs).to.match(/^0x[0-9a-f]{64} +settled +1 /m)
      expect(provider).to.match(/^Reputation: +0\.\d+ ASSAY of fees paid, 0 faults$/m)
      expect(audit).to.match(/^solvent: .* 1 of 1 results? verified$/m)
    })

    it('runs a job from TypeScript', async function () {
      this.timeout(180_000)
      const [snippet = ''] = codeOf('ts')
      const given = `
        import { readFileSync } from 'node:fs'
        import { mnemonicToAccount } from 'viem/accounts'
        const account = mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex: 1 })
        const program = new Uint8Array(readFileSync('examples/build/tiny.wasm'))
        const inputs = ['a', 'b', 'c'].map((text) => new TextEncoder().encode(text))
      `
      const code = `${given}${snippet}`
        .replace('http()', `http('http://127.0.0.1:${ports.chain}')`)
        .replace(`127.0.0.1:${PORTS.store}`, `127.0.0.1:${ports.store}`)
      const args = ['--input-type=module-typescript', '--eval', code]
      const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => (output += text))
      const exit = await new Promise((resolve) => child.once('close', resolve))
      expect(exit, output).to.equal(0)
      expect(output.match(/^[012] Uint8Array/gm)).to.have.length(3)
    })
  })
})

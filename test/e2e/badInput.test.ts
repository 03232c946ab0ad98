import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { assayTokenAbi, contentKey, getAccount, getTotals, putProgram, waitForJob } from 'assay'
import { expect } from 'chai'
import hre from 'hardhat'
import { type Address, type Hex, zeroAddress } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { loadProgram, programPath } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { Journal } from '../../runner/src/provider/journal.ts'
import { AssayProcess } from '../../scripts/support/processes.ts'
import { badPrograms } from './support/programs.ts'
import { within } from './support/until.ts'
import { freePort, type PostedJob, World } from './support/world.ts'

const REQUESTER = 1
/** Of the commands that are to fail; account 2 is that of the one that works. */
const PROVIDER = 3
const OTHER_CHAIN = 31_338
const UNKNOWN_JOB: Hex = `0x${'ab'.repeat(32)}`
const NO_MARKET = '0x00000000000000000000000000000000000a55a1'
const MIB = 2 ** 20
/** Commands at a time: each is a process that starts from nothing. */
const AT_ONCE = 3
const NO_KEY = { ASSAY_PRIVATE_KEY: '' }

type Ended = { code: number | NodeJS.Signals | null; stdout: string; stderr: string }
type Refusal = {
  /** What is typed; `--rpc` and `--json` are added. */
  args: readonly string[]
  error: string
  code: 1 | 2
  /** What the error has to tell. */
  says: string | RegExp
  env?: Record<string, string>
  /** Another node than the world's. */
  rpc?: string
}
type Around = Pick<Refusal, 'env' | 'rpc'>

const refused = (
  args: readonly string[],
  error: string,
  says: string | RegExp = '',
  around: Around = {},
): Refusal => ({ args, error, code: 1, says, ...around })

const misused = (args: readonly string[], says: string | RegExp = ''): Refusal => ({
  args,
  error: 'UsageError',
  code: 2,
  says,
})

describe('bad input', () => {
  let world: World
  /** A file or folder of this name in the world's folder. */
  const path = (name: string) => world.path(name)
  const tiny = programPath('tiny')
  const runOf = (program: string, ...args: string[]) => [
    ...['run', program, '--store', world.store, '--demo-account', '1', ...args],
  ]
  const runTiny = (...args: string[]) => runOf(tiny, '--text', 'x', '--max-price', '1', ...args)
  const provide = (data: string, ...args: string[]) => [
    ...['provide', '--demo-account', '3', '--data', path(data), '--port', '0', '--stake', '1', ...args],
  ]

  before(async () => {
    world = await World.start()
    for (const [name, bytes] of Object.entries(badPrograms)) writeFileSync(path(`${name}.wasm`), bytes)
    writeFileSync(path('file'), 'not a folder')
    writeFileSync(path('large'), '')
    truncateSync(path('large'), 257 * MIB)
  })
  after(() => world.stop())

  async function assay(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const process = new AssayProcess(args, { env: { ...NO_KEY, ...env }, cwd: world.folder })
    world.watch(process)
    const closed = new Promise<void>((resolve) => process.child.once('close', () => resolve()))
    const code = await within(`the end of assay ${args.join(' ')}`, process.exited)
    await closed
    const { stdout, stderr } = process
    return { code, stdout, stderr }
  }

  /** Everything that a refused command must leave as it is. */
  async function everything() {
    const client = world.client()
    const accounts = [REQUESTER, PROVIDER]
    const [sent, held, totals] = await Promise.all([
      Promise.all(accounts.map((account) => world.transactionCounts(account))),
      Promise.all(accounts.map((account) => getAccount(client, { address: world.address(account) }))),
      getTotals(client),
    ])
    return { sent, held, totals }
  }

  const stored = () =>
    (readdirSync(path('store'), { recursive: true }) as string[])
      .filter((name) => !/^corrupt/.test(name))
      .sort()

  /** Commands of which each ends with a named error, and which change nothing. */
  function refuses(title: string, cases: Record<string, () => Refusal>, options = { stores: false }): void {
    describe(title, () => {
      const ended = new Map<string, Ended>()
      let earlier: { everything: Awaited<ReturnType<typeof everything>>; stored: string[] }

      before(async () => {
        earlier = { everything: await everything(), stored: stored() }
        await someAtOnce(Object.entries(cases), async ([name, make]) => {
          const { args, env, rpc = world.rpcUrl } = make()
          const chain = args[0] === 'up' ? [] : ['--rpc', rpc]
          ended.set(name, await assay([...args, ...chain, '--json'], env))
        })
      })

      for (const [name, make] of Object.entries(cases)) {
        it(name, () => {
          const { error, code, says } = make()
          const { stderr, stdout, ...end } = ended.get(name) as Ended
          expectPlain(stderr)
          expect(stdout).to.equal('')
          const lines = stderr.split('\n').filter((line) => line.startsWith('{"error"'))
          expect(lines, stderr).to.have.lengthOf(1)
          expect(stderr.endsWith(`${lines[0]}\n`)).to.equal(true)
          const report = JSON.parse(lines[0] as string) as { error: string; message: string; details: string }
          expect({ error: report.error, code: end.code }, stderr).to.deep.equal({ error, code })
          expect(report.message).to.be.a('string').that.is.not.empty
          expect(report.details).to.match(says instanceof RegExp ? says : new RegExp(literally(says)))
        })
      }

      it('moved no money and left nothing half written', async () => {
        expect(await everything()).to.deep.equal(earlier.everything)
        const files = stored()
        if (!options.stores) expect(files).to.deep.equal(earlier.stored)
        else expect(files.filter((name) => /^incoming./.test(name))).to.deep.equal([])
      })
    })
  }

  refuses('a program that cannot run', {
    'is not wasm': () =>
      refused(runOf(path('not wasm.wasm'), '--text', 'x', '--max-price', '1'), 'NotWasmError', '00 61 73 6d'),
    'has wrong imports': () =>
      refused(
        runOf(path('wrong imports.wasm'), '--text', 'x', '--max-price', '1'),
        'ProgramImportError',
        '"env" "system"',
      ),
    'has no entry': () =>
      refused(runOf(path('no entry.wasm'), '--text', 'x', '--max-price', '1'), 'ProgramEntryError'),
    'is not there': () => misused(runOf(path('nothing'), '--text', 'x', '--max-price', '1'), 'ENOENT'),
    'is a folder': () => misused(runOf(world.folder, '--text', 'x', '--max-price', '1'), 'EISDIR'),
    'is larger than providers take': () =>
      misused(runOf(path('large'), '--text', 'x', '--max-price', '1'), String(16 * MIB)),
  })

  refuses('inputs and outputs that cannot be', {
    'no input': () => misused(runOf(tiny, '--max-price', '1'), '--input'),
    'an input that is not there': () => misused(runTiny('--input', path('nothing')), 'ENOENT'),
    'a folder of inputs that is a file': () => misused(runTiny('--inputs', path('file')), 'ENOTDIR'),
    'an input larger than providers take': () => misused(runTiny('--input', path('large')), String(64 * MIB)),
    'a shared input larger than providers take': () =>
      misused(runTiny('--shared', path('large')), String(256 * MIB)),
    'outputs larger than providers take': () =>
      misused(runTiny('--max-output', String(64 * MIB + 1)), String(64 * MIB)),
    'outputs into a file': () => misused(runTiny('--out', path('file')), 'EEXIST'),
    'a store that is no URL': () => refused(runTiny('--store', 'nowhere'), 'InvalidStoreUrlError'),
    'a store with a password': () =>
      refused(runTiny('--store', 'http://user:secret@127.0.0.1:4400'), 'InvalidStoreUrlError'),
  })

  refuses('prices and times out of range', {
    'a price of zero': () => refused(runTiny('--max-price', '0'), 'RunParameterError', 'maxPrice'),
    'less than a unit for each task': () =>
      refused(runTiny('--text', 'y', '--max-price', '0.000001'), 'RunParameterError', 'maxPrice'),
    'a price beyond 80 bits': () =>
      refused(runTiny('--max-price', '9999999999999999999999'), 'ValueOutOfRangeError', 'maxPrice'),
    'a least price above the most': () =>
      refused(runTiny('--min-price', '1.000001'), 'RunParameterError', 'minPrice'),
    'too little time to run': () =>
      refused(runTiny('--run', '1'), 'ValueOutOfRangeError', /`run`.*\n[\s\S]*2 to 2592000/),
    'too much time to run': () => refused(runTiny('--run', '2592001'), 'ValueOutOfRangeError', '`run`'),
    'too short a window': () => refused(runTiny('--window', '1'), 'ValueOutOfRangeError', '`window`'),
    'too long a window': () => refused(runTiny('--window', '2592001'), 'ValueOutOfRangeError', '`window`'),
    'too long to be claimed': () =>
      refused(runTiny('--claim-for', '2592001'), 'ValueOutOfRangeError', '`claimFor`'),
    'too long a ramp': () => misused(runTiny('--ramp', '2592001'), '2592000'),
  })

  refuses('jobs that are not there', {
    'job show': () => refused(['job', 'show', UNKNOWN_JOB], 'UnknownJobError', UNKNOWN_JOB),
    'job outputs': () =>
      refused(['job', 'outputs', UNKNOWN_JOB, '--out', path('outputs')], 'UnknownJobError'),
    'job cancel': () =>
      refused(['job', 'cancel', UNKNOWN_JOB, '--demo-account', '1'], 'JobMarketWrongStatusError', 'unknown'),
    'job settle': () =>
      refused(['job', 'settle', UNKNOWN_JOB, '--demo-account', '1'], 'JobMarketWrongStatusError'),
    'job resolve': () => refused(['job', 'resolve', UNKNOWN_JOB, '--demo-account', '1'], 'UnknownJobError'),
    audit: () => refused(['audit', '--job', UNKNOWN_JOB], 'AuditParameterError', UNKNOWN_JOB),
  })

  const market = ['--market', NO_MARKET]
  refuses('an address without a market', {
    'job show': () => refused(['job', 'show', UNKNOWN_JOB, ...market], 'MarketNotDeployedError'),
    jobs: () => refused(['jobs', ...market], 'MarketNotDeployedError', /55a1/i),
    run: () => refused(runTiny(...market), 'MarketNotDeployedError'),
    'account show': () => refused(['account', 'show', world.address(1), ...market], 'MarketNotDeployedError'),
    'account deposit': () =>
      refused(['account', 'deposit', '1', '--demo-account', '1', ...market], 'MarketNotDeployedError'),
    'provider show': () =>
      refused(['provider', 'show', world.address(1), ...market], 'MarketNotDeployedError'),
    provide: () => refused(provide('no-market', ...market), 'MarketNotDeployedError'),
    audit: () => refused(['audit', ...market], 'MarketNotDeployedError'),
    'another contract': () =>
      refused(
        ['account', 'show', world.address(1), '--market', world.network.token],
        'ContractRevertedError',
      ),
  })

  describe('with a node of another chain, and none', () => {
    let other: { url: string; close: () => Promise<void> }
    let nobody: string
    before(async () => {
      other = await startOtherChain()
      nobody = `http://127.0.0.1:${await freePort()}`
    })
    after(() => other.close())
    const key = { ASSAY_PRIVATE_KEY: generatePrivateKey() }
    const known = () => ['--market', world.network.market]

    refuses('the chain is another one', {
      'job show': () =>
        refused(['job', 'show', UNKNOWN_JOB], 'MarketUnknownError', String(OTHER_CHAIN), { rpc: other.url }),
      'job show of a known market': () =>
        refused(['job', 'show', UNKNOWN_JOB, ...known()], 'MarketNotDeployedError', '', { rpc: other.url }),
      'account deposit': () =>
        refused(['account', 'deposit', '1', ...known()], 'MarketNotDeployedError', '', {
          env: key,
          rpc: other.url,
        }),
      audit: () => refused(['audit'], 'MarketUnknownError', '', { rpc: other.url }),
      'provide without a market': () =>
        refused(['provide', '--data', path('other-chain'), '--port', '0'], 'MarketUnknownError', '', {
          env: key,
          rpc: other.url,
        }),
      'a demo account, whose key is public': () =>
        refused(
          ['account', 'deposit', '1', '--demo-account', '1', ...known()],
          'KeyInvalidError',
          /--demo-account 1[\s\S]*31338/,
          { rpc: other.url },
        ),
    })

    refuses('nobody answers', {
      'job show': () => refused(['job', 'show', UNKNOWN_JOB], 'RpcUnavailableError', '', { rpc: nobody }),
      jobs: () => refused(['jobs'], 'RpcUnavailableError', '', { rpc: nobody }),
      run: () => refused(runTiny(), 'RpcUnavailableError', nobody, { rpc: nobody }),
      provide: () => refused(provide('nobody'), 'RpcUnavailableError', '', { rpc: nobody }),
      'account withdraw': () =>
        refused(['account', 'withdraw', '1', '--demo-account', '1'], 'RpcUnavailableError', '', {
          rpc: nobody,
        }),
      'provider show': () =>
        refused(['provider', 'show', '--demo-account', '1'], 'RpcUnavailableError', '', { rpc: nobody }),
      audit: () => refused(['audit'], 'RpcUnavailableError', '', { rpc: nobody }),
      'a store': () => refused(runTiny('--store', nobody), 'StoreUnreachableError', nobody),
    })
  })

  const beyond = `0x${'f'.repeat(63)}e`
  refuses('keys', {
    'none to run with': () =>
      refused(
        runTiny().filter((word, i, all) => word !== '--demo-account' && all[i - 1] !== '--demo-account'),
        'KeyMissingError',
        'ASSAY_PRIVATE_KEY',
      ),
    'none to deposit with': () => refused(['account', 'deposit', '1'], 'KeyMissingError'),
    'none to provide with': () =>
      refused(['provide', '--data', path('no-key'), '--port', '0'], 'KeyMissingError'),
    'none to cancel with': () => refused(['job', 'cancel', UNKNOWN_JOB], 'KeyMissingError'),
    'no account to show': () => misused(['account', 'show']),
    'no provider to show': () => misused(['provider', 'show']),
    'too short, in the environment': () =>
      refused(
        ['account', 'deposit', '1'],
        'KeyInvalidError',
        /^(?![\s\S]*1234567890)[\s\S]*ASSAY_PRIVATE_KEY/,
        { env: { ASSAY_PRIVATE_KEY: '0x1234567890' } },
      ),
    'beyond the curve, not repeated': () =>
      refused(
        ['account', 'deposit', '1'],
        'KeyInvalidError',
        new RegExp(`^(?![^]*${BigInt(beyond)})(?![^]*${beyond.slice(2)})[^]*ASSAY_PRIVATE_KEY`),
        { env: { ASSAY_PRIVATE_KEY: beyond } },
      ),
    'a file without one': () =>
      refused(
        ['account', 'deposit', '1', '--key-file', path('file')],
        'KeyInvalidError',
        /^(?![\s\S]*not a folder)/,
      ),
    'no file': () =>
      refused(['account', 'deposit', '1', '--key-file', path('nothing')], 'KeyInvalidError', 'ENOENT'),
    'a demo account that cannot be derived': () =>
      misused(['account', 'deposit', '1', '--demo-account', '2147483648']),
  })

  describe('an account with tokens and no gas money', () => {
    const key = generatePrivateKey()
    before(async () => {
      const client = world.client(9)
      const hash = await client.writeContract({
        address: world.network.token,
        abi: assayTokenAbi,
        functionName: 'transfer',
        args: [privateKeyToAddress(key), 1_000_000n],
        account: client.account as NonNullable<typeof client.account>,
        chain: client.chain ?? null,
      })
      await within('the transfer', client.waitForTransactionReceipt({ hash }))
    })

    refuses(
      'is told',
      {
        'when it deposits': () =>
          refused(['account', 'deposit', '1'], 'InsufficientGasFundsError', '', {
            env: { ASSAY_PRIVATE_KEY: key },
          }),
        'when it runs': () =>
          refused(
            runTiny().filter((word, i, all) => word !== '--demo-account' && all[i - 1] !== '--demo-account'),
            'InsufficientGasFundsError',
            '',
            { env: { ASSAY_PRIVATE_KEY: key } },
          ),
        'when it provides': () =>
          refused(
            ['provide', '--data', path('no-gas'), '--port', '0', '--stake', '1'],
            'InsufficientGasFundsError',
            '',
            { env: { ASSAY_PRIVATE_KEY: key } },
          ),
      },
      { stores: true },
    )
  })

  refuses(
    'more money than there is',
    {
      'to run': () =>
        refused(runTiny('--max-price', '2000000'), 'ERC20InsufficientBalanceError', world.address(1)),
      'to deposit': () =>
        refused(['account', 'deposit', '1000001', '--demo-account', '1'], 'ERC20InsufficientBalanceError'),
      'to withdraw': () =>
        refused(
          ['account', 'withdraw', '10000.000001', '--demo-account', '1'],
          'AccountInsufficientBalanceError',
          '10000 ASSAY',
        ),
      'to withdraw as a provider': () =>
        refused(['provider', 'withdraw', '1', '--demo-account', '3'], 'AccountInsufficientBalanceError'),
      'to stake': () =>
        refused(['provider', 'stake', '10001', '--demo-account', '1'], 'AccountInsufficientBalanceError'),
      'to unstake': () =>
        refused(['provider', 'unstake', '0.000001', '--demo-account', '1'], 'AccountInsufficientStakeError'),
      'to provide': () => refused(provide('too-much', '--stake', '1000001'), 'ERC20InsufficientBalanceError'),
      'no stake to provide': () => refused(provide('no-stake', '--stake', '0'), 'NotAProviderError'),
      'nothing at all': () =>
        refused(['account', 'withdraw', '0', '--demo-account', '1'], 'LedgerZeroAmountError'),
      'to nobody': () =>
        refused(
          ['account', 'withdraw', '1', '--to', zeroAddress, '--demo-account', '1'],
          'LedgerInvalidRecipientError',
        ),
    },
    { stores: true },
  )

  const portOf = (url: string) => new URL(url).port
  refuses('ports, folders and resources', {
    'provide where the store listens': () =>
      refused(provide('port', '--port', portOf(world.store)), 'PortInUseError', portOf(world.store)),
    'up where a chain listens': () =>
      refused(
        ['up', '--port', portOf(world.rpcUrl), '--store-port', '0', '--data', path('other-store')],
        'LocalNetworkError',
        `Port ${portOf(world.rpcUrl)} is in use`,
      ),
    'up where a store listens': () =>
      refused(
        ['up', '--port', '0', '--store-port', portOf(world.store), '--data', path('other-store')],
        'PortInUseError',
      ),
    'a port that is none': () => misused(provide('port', '--port', '65536'), '65535'),
    'up on a port that is none': () => misused(['up', '--store-port', '65536']),
    'up with a file for its store': () =>
      misused(['up', '--port', '0', '--store-port', '0', '--data', path('file')], 'EEXIST'),
    'provide with a file for its data': () => misused(provide('file')),
    'more cores than can be declared': () =>
      refused(provide('resources', '--cores', '256'), 'ValueOutOfRangeError', 'cores'),
    'less memory than can be declared': () => misused(provide('resources', '--memory', '255')),
    'more claims than can be declared': () => misused(provide('resources', '--concurrency', '65536')),
    'results at no URL': () => misused(provide('resources', '--public-url', 'my-machine')),
  })

  describe('a provider with a journal that is not its own', () => {
    const journalOf = (name: string) => join(path(name), 'journal.sqlite')
    const garbage = randomBytes(8_192)
    const kept = new Map<string, Buffer>()
    before(() => {
      for (const name of ['garbage', 'other-provider', 'other-market', 'torn']) mkdirSync(path(name))
      writeFileSync(journalOf('garbage'), garbage)
      const identity = (provider: Address, at: Address) => ({ chainId: '31337', market: at, provider })
      bound('other-provider', identity(world.address(4), world.network.market))
      bound('other-market', identity(world.address(3), NO_MARKET))
      bound('torn', identity(world.address(3), world.network.market))
      // A page in the middle; the header is right.
      const torn = readFileSync(journalOf('torn'))
      torn.fill(0xa5, 4_096, 8_192)
      writeFileSync(journalOf('torn'), torn)
      for (const name of ['garbage', 'torn']) kept.set(name, readFileSync(journalOf(name)))
    })

    function bound(name: string, identity: { chainId: string; market: string; provider: string }): void {
      const journal = new Journal(path(name))
      journal.bind(identity)
      journal.close()
    }

    refuses('stops', {
      'it is no database': () => refused(provide('garbage'), 'JournalCorruptError', journalOf('garbage')),
      'it is damaged': () => refused(provide('torn'), 'JournalCorruptError'),
      'it is of another provider': () =>
        refused(provide('other-provider'), 'JournalMismatchError', /provider[\s\S]*--data/),
      'it is of another market': () => refused(provide('other-market'), 'JournalMismatchError', 'market'),
    })

    it('leaves the damaged file as it is', () => {
      for (const [name, bytes] of kept)
        expect(readFileSync(journalOf(name)).equals(bytes), name).to.equal(true)
    })
  })

  describe('the store', () => {
    it('refuses an upload over its limit before it comes', async () => {
      const url = `${world.store}/content/${UNKNOWN_JOB}`
      const earlier = stored()
      const answer = await within('an answer', put(url, 256 * MIB + 1))
      expect(answer.status).to.equal(413)
      expect(JSON.parse(answer.body)).to.include({ error: 'UploadTooLargeError' })
      expect(stored()).to.deep.equal(earlier)
    })

    it('refuses bytes that are not what their name says', async () => {
      const earlier = stored()
      const answer = await fetch(`${world.store}/programs/${UNKNOWN_JOB}`, { method: 'PUT', body: 'abc' })
      expect(answer.status).to.equal(422)
      expect(await answer.json()).to.include({ error: 'UploadMismatchError' })
      expect(stored()).to.deep.equal(earlier)
    })
  })

  describe('a file of the store that the disk has changed', () => {
    let posted: PostedJob
    let provider: AssayProcess
    let program: Uint8Array

    before(async () => {
      program = await loadProgram('tiny')
      posted = await world.post({ program, inputs: tinyInputs(2) })
      const key = (await contentKey('programs', program)).slice(2)
      const file = join(path('store'), 'programs', key.slice(0, 2), key.slice(2, 4), key.slice(4))
      const bytes = readFileSync(file)
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] as number) ^ 1
      writeFileSync(file, bytes)
    })
    after(() => provider && world.kill(provider))

    it('is not handed out', async () => {
      const url = `${world.store}/programs/${await contentKey('programs', program)}`
      const answer = await fetch(url)
      expect(answer.status).to.equal(500)
      expect(await answer.json()).to.include({ error: 'CorruptStoreFileError' })
      expect((await fetch(url)).status).to.equal(404)
    })

    it('is run by no provider', async () => {
      provider = await world.provider({ account: 2 })
      const { jobId } = posted
      const line = await provider.waitFor('not-ready', { jobId, timeout: 20_000 })
      expect(line.error).to.equal('ContentNotFoundError')
      expect((await world.client().getJob({ jobId })).status).to.equal('open')
      const outputs = await assay([
        ...['job', 'outputs', jobId, '--out', path('too-early'), '--rpc', world.rpcUrl, '--json'],
      ])
      expect(outputs.code).to.equal(1)
      expect(JSON.parse(outputs.stderr)).to.include({ error: 'ResultNotSubmittedError' })
      expect(existsSync(path('too-early'))).to.equal(false)
    })

    it('keeps a second process from the same data', async () => {
      const earlier = await everything()
      const { code, stderr } = await assay([
        ...['provide', '--demo-account', '2', '--data', path('provider-2'), '--port', '0'],
        ...['--rpc', world.rpcUrl],
      ])
      expect(code).to.equal(1)
      expect(stderr).to.match(/^JournalLockedError: Another provider process uses this data folder/)
      expectPlain(stderr)
      expect(await everything()).to.deep.equal(earlier)
      expect(provider.child.exitCode).to.equal(null)
    })

    it('can be put again, and the job gets done', async () => {
      await putProgram({ url: world.store, bytes: program })
      const outputs = await within('the outputs', posted.run.result())
      expect(outputs.map(({ status }) => status)).to.deep.equal(['halted', 'halted'])
    })

    it('is no reason to cancel what was done', async () => {
      const { jobId } = posted
      await waitForJob(world.client(), { jobId, until: 'settled' })
      const { code, stderr } = await assay([
        ...['job', 'cancel', jobId, '--demo-account', '1', '--rpc', world.rpcUrl, '--json'],
      ])
      expect(code).to.equal(1)
      expect(JSON.parse(stderr)).to.include({ error: 'JobMarketWrongStatusError' })
    })

    it('what can be read is JSON where it is asked for, and plain text in a pipe', async () => {
      const { jobId } = posted
      const commands = [
        ['job', 'show', jobId],
        ['jobs'],
        ['job', 'outputs', jobId, '--out', path('outputs')],
        ['account', 'show', world.address(1)],
        ['provider', 'show', world.address(2)],
        ['audit', '--sample', '1'],
        runTiny('--accept', '--ramp', '0', '--window', '2', '--out', path('run')),
      ]
      await someAtOnce(commands, async (command) => {
        const args = [...command, '--rpc', world.rpcUrl]
        const [plain, json] = await Promise.all([assay(args), assay([...args, '--json'])])
        for (const { code, stdout, stderr } of [plain, json]) {
          expect(code, `${command.join(' ')}\n${stderr}`).to.equal(0)
          expectPlain(stdout)
          expectPlain(stderr)
        }
        expect(() => JSON.parse(json.stdout), command.join(' ')).not.to.throw()
        expect(plain.stdout, command.join(' ')).to.match(/\S/)
      })
    })
  })

  describe('wrong usage', () => {
    const usages: Record<string, string[]> = {
      'unknown command': ['bogus'],
      'unknown subcommand': ['account', 'bogus'],
      'unknown option': ['jobs', '--bogus'],
      'no option': ['run', 'program.wasm'],
      'no argument': ['job', 'show'],
      'bad number': ['audit', '--sample', 'many'],
      'bad amount': ['account', 'deposit', '1.0000001'],
      'bad address': ['account', 'show', '0x12'],
      'bad checksum': ['account', 'show', '0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266'],
      'bad job id': ['job', 'show', '0x12'],
      'bad status': ['jobs', '--status', 'bogus'],
      'bad URL': ['jobs', '--rpc', 'nowhere'],
      'no URL': ['jobs', '--rpc', ''],
    }
    const asJson = ['unknown command', 'unknown option', 'bad number', 'bad job id']
    const ended = new Map<string, { plain: Ended; json?: Ended }>()
    before(async () => {
      await someAtOnce(Object.entries(usages), async ([name, args]) => {
        const plain = await assay(args)
        ended.set(name, asJson.includes(name) ? { plain, json: await assay([...args, '--json']) } : { plain })
      })
    })
    for (const name of Object.keys(usages)) {
      it(name, () => {
        const { plain, json } = ended.get(name) as { plain: Ended; json?: Ended }
        for (const { code, stdout, stderr } of json ? [plain, json] : [plain]) {
          expect({ code, stdout }, stderr).to.deep.equal({ code: 2, stdout: '' })
          expect(stderr).to.include('--help')
          expectPlain(stderr)
        }
        if (json) expect(JSON.parse(json.stderr)).to.include({ error: 'UsageError' })
      })
    }

    it('no command shows what there is', async () => {
      const { code, stderr } = await assay([])
      expect(code).to.equal(2)
      expect(stderr).to.match(/^Usage: assay/)
    })
  })

  it('an error in plain text has its name, its facts and where to read on', async () => {
    const { code, stdout, stderr } = await assay(['job', 'show', UNKNOWN_JOB, '--rpc', world.rpcUrl])
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' })
    expect(stderr).to.match(/^UnknownJobError: Job is unknown\.\n\nJob: +0xab/)
    expect(stderr).to.include('docs/errors.md#unknown-job')
    expectPlain(stderr)
  })
})

/** Works on everything, a few at a time. */
async function someAtOnce<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const next = async (): Promise<void> => {
    const each = waiting.shift()
    if (each === undefined) return
    await work(each)
    return next()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}

/** Lines of text and nothing else: no colours, no cursor movements. */
function expectPlain(output: string): void {
  const strange = [...output].filter((one) => one !== '\n' && /[\p{Cc}\ufffd]/u.test(one))
  expect(strange, JSON.stringify(output.slice(0, 400))).to.deep.equal([])
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Announces an upload of some length without sending it. */
function put(url: string, length: number): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', headers: { 'content-length': length } }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      sent.destroy()
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
    })
    sent.once('error', reject)
    sent.flushHeaders()
  })
}

async function startOtherChain(): Promise<{ url: string; close: () => Promise<void> }> {
  const override = { chainId: OTHER_CHAIN }
  const server = await hre.network.createServer({ network: 'devnet', override } as never, '127.0.0.1', 0)
  const { address, port } = await server.listen()
  return { url: `http://${address}:${port}`, close: () => server.close() }
}

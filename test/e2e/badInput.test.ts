import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
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

const OTHER_CHAIN = 31_338
const UNKNOWN_JOB: Hex = `0x${'ab'.repeat(32)}`
const NO_MARKET = '0x00000000000000000000000000000000000a55a1'
const MIB = 2 ** 20
/** Commands at a time: each is a process that starts from nothing. */
const AT_ONCE = 3
const NO_KEY = { ASSAY_PRIVATE_KEY: '' }

type Ended = { code: number | NodeJS.Signals | null; stdout: string; stderr: string }
type Refused = {
  /** What is typed; `--rpc` of the world and `--json` are added. */
  args: readonly string[]
  error: string
  /** @default 1 */
  code?: 1 | 2
  /** What the error has to tell. */
  says?: string | RegExp
  env?: Record<string, string>
  /** Another node than the world's. */
  rpc?: string
}

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
    const accounts = Array.from({ length: 10 }, (_, account) => account)
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
  function refuses(title: string, cases: Record<string, () => Refused>, options = { stores: false }): void {
    describe(title, () => {
      const ended = new Map<string, Ended>()
      let before: { everything: Awaited<ReturnType<typeof everything>>; stored: string[] }

      before_(async () => {
        before = { everything: await everything(), stored: stored() }
        const waiting = Object.entries(cases)
        const next = async (): Promise<void> => {
          const [name, make] = waiting.shift() ?? []
          if (name === undefined || make === undefined) return
          const { args, env, rpc = world.rpcUrl } = make()
          const chain = args[0] === 'up' ? [] : ['--rpc', rpc]
          ended.set(name, await assay([...args, ...chain, '--json'], env))
          return next()
        }
        await Promise.all(Array.from({ length: AT_ONCE }, next))
      })

      for (const [name, make] of Object.entries(cases)) {
        it(name, () => {
          const { error, code = 1, says = '' } = make()
          const { stderr, stdout, ...end } = ended.get(name) as Ended
          expectPlain(stderr)
          expect(stdout).to.equal('')
          const lines = stderr.split('\n').filter((line) => line.startsWith('{"error"'))
          expect(lines, stderr).to.have.lengthOf(1)
          expect(stderr.endsWith(`${lines[0]}\n`)).to.equal(true)
          const report = JSON.parse(lines[0] as string) as Record<string, string>
          expect({ error: report['error'], code: end.code }, stderr).to.deep.equal({ error, code })
          expect(report['message']).to.be.a('string').that.is.not.empty
          expect(report['details']).to.match(says instanceof RegExp ? says : new RegExp(escape(says)))
        })
      }

      it('moved no money and left nothing half written', async () => {
        expect(await everything()).to.deep.equal(before.everything)
        const files = stored()
        if (!options.stores) expect(files).to.deep.equal(before.stored)
        else expect(files.filter((name) => name.startsWith(join('incoming', '')))).to.deep.equal([])
      })
    })
  }
  // mocha's own, beside the local of that name.
  const before_ = before

  refuses('a program that cannot run', {
    'is not wasm': () => ({
      args: runOf(path('not wasm.wasm'), '--text', 'x', '--max-price', '1'),
      error: 'NotWasmError',
      says: '00 61 73 6d',
    }),
    'has wrong imports': () => ({
      args: runOf(path('wrong imports.wasm'), '--text', 'x', '--max-price', '1'),
      error: 'ProgramImportError',
      says: '"env" "system"',
    }),
    'has no entry': () => ({
      args: runOf(path('no entry.wasm'), '--text', 'x', '--max-price', '1'),
      error: 'ProgramEntryError',
    }),
    'is not there': () => ({
      args: runOf(path('nothing'), '--text', 'x', '--max-price', '1'),
      error: 'UsageError',
      code: 2,
      says: 'ENOENT',
    }),
    'is a folder': () => ({
      args: runOf(world.folder, '--text', 'x', '--max-price', '1'),
      error: 'UsageError',
      code: 2,
      says: 'EISDIR',
    }),
    'is larger than providers take': () => {
      truncateSync(path('large'), 257 * MIB)
      return {
        args: runOf(path('large'), '--text', 'x', '--max-price', '1'),
        error: 'UsageError',
        code: 2,
        says: String(16 * MIB),
      }
    },
  })

  refuses('inputs and outputs that cannot be', {
    'no input': () => ({
      args: runOf(tiny, '--max-price', '1'),
      error: 'UsageError',
      code: 2,
      says: '--input',
    }),
    'an input that is not there': () => ({
      args: runTiny('--input', path('nothing')),
      error: 'UsageError',
      code: 2,
      says: 'ENOENT',
    }),
    'a folder of inputs that is a file': () => ({
      args: runTiny('--inputs', path('file')),
      error: 'UsageError',
      code: 2,
      says: 'ENOTDIR',
    }),
    'an input larger than providers take': () => ({
      args: runTiny('--input', path('large')),
      error: 'UsageError',
      code: 2,
      says: String(64 * MIB),
    }),
    'a shared input larger than providers take': () => ({
      args: runTiny('--shared', path('large')),
      error: 'UsageError',
      code: 2,
      says: String(256 * MIB),
    }),
    'outputs larger than providers take': () => ({
      args: runTiny('--max-output', String(64 * MIB + 1)),
      error: 'UsageError',
      code: 2,
      says: String(64 * MIB),
    }),
    'outputs into a file': () => ({
      args: runTiny('--out', path('file')),
      error: 'UsageError',
      code: 2,
      says: 'EEXIST',
    }),
    'a store that is no URL': () => ({ args: runTiny('--store', 'nowhere'), error: 'InvalidStoreUrlError' }),
    'a store with a password': () => ({
      args: runTiny('--store', 'http://user:secret@127.0.0.1:4400'),
      error: 'InvalidStoreUrlError',
    }),
  })

  refuses('prices and times out of range', {
    'a price of zero': () => ({
      args: runTiny('--max-price', '0'),
      error: 'RunParameterError',
      says: 'maxPrice',
    }),
    'less than a unit for each task': () => ({
      args: runTiny('--text', 'y', '--max-price', '0.000001'),
      error: 'RunParameterError',
      says: 'maxPrice',
    }),
    'a price beyond 80 bits': () => ({
      args: runTiny('--max-price', '9999999999999999999999'),
      error: 'ValueOutOfRangeError',
      says: 'maxPrice',
    }),
    'a least price above the most': () => ({
      args: runTiny('--min-price', '1.000001'),
      error: 'RunParameterError',
      says: 'minPrice',
    }),
    'too little time to run': () => ({
      args: runTiny('--run', '1'),
      error: 'ValueOutOfRangeError',
      says: /`run`.*\n[^]*2 to 2592000/,
    }),
    'too much time to run': () => ({
      args: runTiny('--run', '2592001'),
      error: 'ValueOutOfRangeError',
      says: '`run`',
    }),
    'too short a window': () => ({
      args: runTiny('--window', '1'),
      error: 'ValueOutOfRangeError',
      says: '`window`',
    }),
    'too long a window': () => ({
      args: runTiny('--window', '2592001'),
      error: 'ValueOutOfRangeError',
      says: '`window`',
    }),
    'too long to be claimed': () => ({
      args: runTiny('--claim-for', '2592001'),
      error: 'ValueOutOfRangeError',
      says: '`claimFor`',
    }),
    'too long a ramp': () => ({
      args: runTiny('--ramp', '2592001'),
      error: 'ValueOutOfRangeError',
      says: '`ramp`',
    }),
  })

  refuses('jobs that are not there', {
    'job show': () => ({ args: ['job', 'show', UNKNOWN_JOB], error: 'UnknownJobError', says: UNKNOWN_JOB }),
    'job outputs': () => ({
      args: ['job', 'outputs', UNKNOWN_JOB, '--out', path('outputs')],
      error: 'UnknownJobError',
    }),
    'job cancel': () => ({
      args: ['job', 'cancel', UNKNOWN_JOB, '--demo-account', '1'],
      error: 'JobMarketWrongStatusError',
      says: 'unknown',
    }),
    'job accept': () => ({
      args: ['job', 'accept', UNKNOWN_JOB, '--demo-account', '1'],
      error: 'JobMarketWrongStatusError',
    }),
    'job settle': () => ({
      args: ['job', 'settle', UNKNOWN_JOB, '--demo-account', '1'],
      error: 'JobMarketWrongStatusError',
    }),
    'job fail': () => ({
      args: ['job', 'fail', UNKNOWN_JOB, '--demo-account', '1'],
      error: 'JobMarketWrongStatusError',
    }),
    audit: () => ({ args: ['audit', '--job', UNKNOWN_JOB], error: 'AuditParameterError', says: UNKNOWN_JOB }),
  })

  const market = ['--market', NO_MARKET]
  refuses('an address without a market', {
    'job show': () => ({ args: ['job', 'show', UNKNOWN_JOB, ...market], error: 'MarketNotDeployedError' }),
    jobs: () => ({ args: ['jobs', ...market], error: 'MarketNotDeployedError', says: /55a1/i }),
    run: () => ({ args: runTiny(...market), error: 'MarketNotDeployedError' }),
    'account show': () => ({
      args: ['account', 'show', world.address(1), ...market],
      error: 'MarketNotDeployedError',
    }),
    'account deposit': () => ({
      args: ['account', 'deposit', '1', '--demo-account', '1', ...market],
      error: 'MarketNotDeployedError',
    }),
    'provider show': () => ({
      args: ['provider', 'show', world.address(1), ...market],
      error: 'MarketNotDeployedError',
    }),
    provide: () => ({ args: provide('no-market', ...market), error: 'MarketNotDeployedError' }),
    audit: () => ({ args: ['audit', ...market], error: 'MarketNotDeployedError' }),
    'another contract': () => ({
      args: ['account', 'show', world.address(1), '--market', world.network.token],
      error: 'ContractRevertedError',
    }),
  })

  describe('with a node of another chain, and none', () => {
    let other: { url: string; close: () => Promise<void> }
    let nobody: string
    before_(async () => {
      other = await startOtherChain()
      nobody = `http://127.0.0.1:${await freePort()}`
    })
    after(() => other.close())
    const key = { ASSAY_PRIVATE_KEY: generatePrivateKey() }
    const known = () => ['--market', world.network.market]

    refuses('the chain is another one', {
      'job show': () => ({
        args: ['job', 'show', UNKNOWN_JOB],
        rpc: other.url,
        error: 'MarketUnknownError',
        says: String(OTHER_CHAIN),
      }),
      'job show of a known market': () => ({
        args: ['job', 'show', UNKNOWN_JOB, ...known()],
        rpc: other.url,
        error: 'MarketNotDeployedError',
      }),
      'account deposit': () => ({
        args: ['account', 'deposit', '1', ...known()],
        env: key,
        rpc: other.url,
        error: 'MarketNotDeployedError',
      }),
      audit: () => ({ args: ['audit'], rpc: other.url, error: 'MarketUnknownError' }),
      'provide without a market': () => ({
        args: ['provide', '--data', path('other-chain'), '--port', '0'],
        env: key,
        rpc: other.url,
        error: 'MarketUnknownError',
      }),
      'a demo account, whose key is public': () => ({
        args: ['account', 'deposit', '1', '--demo-account', '1', ...known()],
        rpc: other.url,
        error: 'KeyInvalidError',
        says: /--demo-account 1[^]*31338/,
      }),
    })

    refuses('nobody answers', {
      'job show': () => ({ args: ['job', 'show', UNKNOWN_JOB], rpc: nobody, error: 'RpcUnavailableError' }),
      jobs: () => ({ args: ['jobs'], rpc: nobody, error: 'RpcUnavailableError' }),
      run: () => ({ args: runTiny(), rpc: nobody, error: 'RpcUnavailableError', says: nobody }),
      provide: () => ({ args: provide('nobody'), rpc: nobody, error: 'RpcUnavailableError' }),
      'account withdraw': () => ({
        args: ['account', 'withdraw', '1', '--demo-account', '1'],
        rpc: nobody,
        error: 'RpcUnavailableError',
      }),
      'provider show': () => ({
        args: ['provider', 'show', '--demo-account', '1'],
        rpc: nobody,
        error: 'RpcUnavailableError',
      }),
      audit: () => ({ args: ['audit'], rpc: nobody, error: 'RpcUnavailableError' }),
      'a store': () => ({ args: runTiny('--store', nobody), error: 'StoreUnreachableError', says: nobody }),
    })
  })

  const beyond = `0x${'f'.repeat(63)}e`
  refuses('keys', {
    'none to run with': () => ({
      args: runTiny().filter((word, i, all) => word !== '--demo-account' && all[i - 1] !== '--demo-account'),
      error: 'KeyMissingError',
      says: 'ASSAY_PRIVATE_KEY',
    }),
    'none to deposit with': () => ({ args: ['account', 'deposit', '1'], error: 'KeyMissingError' }),
    'none to provide with': () => ({
      args: ['provide', '--data', path('no-key'), '--port', '0'],
      error: 'KeyMissingError',
    }),
    'none to cancel with': () => ({ args: ['job', 'cancel', UNKNOWN_JOB], error: 'KeyMissingError' }),
    'no account to show': () => ({ args: ['account', 'show'], error: 'UsageError', code: 2 }),
    'no provider to show': () => ({ args: ['provider', 'show'], error: 'UsageError', code: 2 }),
    'too short, in the environment': () => ({
      args: ['account', 'deposit', '1'],
      env: { ASSAY_PRIVATE_KEY: '0x1234567890' },
      error: 'KeyInvalidError',
      says: /^(?![^]*1234567890)[^]*ASSAY_PRIVATE_KEY/,
    }),
    'beyond the curve, not repeated': () => ({
      args: ['account', 'deposit', '1'],
      env: { ASSAY_PRIVATE_KEY: beyond },
      error: 'KeyInvalidError',
      says: new RegExp(`^(?![^]*${BigInt(beyond)})(?![^]*${beyond.slice(2)})[^]*ASSAY_PRIVATE_KEY`),
    }),
    'a file without one': () => ({
      args: ['account', 'deposit', '1', '--key-file', path('file')],
      error: 'KeyInvalidError',
      says: /^(?![^]*not a folder)/,
    }),
    'no file': () => ({
      args: ['account', 'deposit', '1', '--key-file', path('nothing')],
      error: 'KeyInvalidError',
      says: 'ENOENT',
    }),
    'a demo account that cannot be derived': () => ({
      args: ['account', 'deposit', '1', '--demo-account', '2147483648'],
      error: 'UsageError',
      code: 2,
    }),
  })

  describe('an account with tokens and no gas money', () => {
    const key = generatePrivateKey()
    before_(async () => {
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
        'when it deposits': () => ({
          args: ['account', 'deposit', '1'],
          env: { ASSAY_PRIVATE_KEY: key },
          error: 'InsufficientGasFundsError',
        }),
        'when it runs': () => ({
          args: runTiny().filter(
            (word, i, all) => word !== '--demo-account' && all[i - 1] !== '--demo-account',
          ),
          env: { ASSAY_PRIVATE_KEY: key },
          error: 'InsufficientGasFundsError',
        }),
        'when it provides': () => ({
          args: ['provide', '--data', path('no-gas'), '--port', '0', '--stake', '1'],
          env: { ASSAY_PRIVATE_KEY: key },
          error: 'InsufficientGasFundsError',
        }),
      },
      { stores: true },
    )
  })

  refuses(
    'more money than there is',
    {
      'to run': () => ({
        args: runTiny('--max-price', '2000000'),
        error: 'ERC20InsufficientBalanceError',
        says: world.address(1),
      }),
      'to deposit': () => ({
        args: ['account', 'deposit', '1000001', '--demo-account', '1'],
        error: 'ERC20InsufficientBalanceError',
      }),
      'to withdraw': () => ({
        args: ['account', 'withdraw', '10000.000001', '--demo-account', '1'],
        error: 'AccountInsufficientBalanceError',
        says: '10000 ASSAY',
      }),
      'to withdraw as a provider': () => ({
        args: ['provider', 'withdraw', '1', '--demo-account', '3'],
        error: 'AccountInsufficientBalanceError',
      }),
      'to stake': () => ({
        args: ['provider', 'stake', '10001', '--demo-account', '1'],
        error: 'AccountInsufficientBalanceError',
      }),
      'to unstake': () => ({
        args: ['provider', 'unstake', '0.000001', '--demo-account', '1'],
        error: 'AccountInsufficientStakeError',
      }),
      'to provide': () => ({
        args: provide('too-much', '--stake', '1000001'),
        error: 'ERC20InsufficientBalanceError',
      }),
      'no stake to provide': () => ({
        args: provide('no-stake', '--stake', '0'),
        error: 'NotAProviderError',
      }),
      'nothing at all': () => ({
        args: ['account', 'withdraw', '0', '--demo-account', '1'],
        error: 'LedgerZeroAmountError',
      }),
      'to nobody': () => ({
        args: ['account', 'withdraw', '1', '--to', zeroAddress, '--demo-account', '1'],
        error: 'LedgerInvalidRecipientError',
      }),
    },
    { stores: true },
  )

  const portOf = (url: string) => new URL(url).port
  refuses('ports, folders and resources', {
    'provide where the store listens': () => ({
      args: provide('port', '--port', portOf(world.store)),
      error: 'PortInUseError',
      says: portOf(world.store),
    }),
    'up where a chain listens': () => ({
      args: ['up', '--port', portOf(world.rpcUrl), '--store-port', '0', '--data', path('other-store')],
      error: 'LocalNetworkError',
      says: `Port ${portOf(world.rpcUrl)} is in use`,
    }),
    'up where a store listens': () => ({
      args: ['up', '--port', '0', '--store-port', portOf(world.store), '--data', path('other-store')],
      error: 'PortInUseError',
    }),
    'a port that is none': () => ({
      args: provide('port', '--port', '65536'),
      error: 'UsageError',
      code: 2,
      says: '65535',
    }),
    'up on a port that is none': () => ({
      args: ['up', '--store-port', '65536'],
      error: 'UsageError',
      code: 2,
    }),
    'up with a file for its store': () => ({
      args: ['up', '--port', '0', '--store-port', '0', '--data', path('file')],
      error: 'UsageError',
      code: 2,
      says: 'EEXIST',
    }),
    'provide with a file for its data': () => ({ args: provide('file'), error: 'UsageError', code: 2 }),
    'more cores than can be declared': () => ({
      args: provide('resources', '--cores', '256'),
      error: 'ValueOutOfRangeError',
      says: 'cores',
    }),
    'less memory than can be declared': () => ({
      args: provide('resources', '--memory', '255'),
      error: 'UsageError',
      code: 2,
    }),
    'more claims than can be declared': () => ({
      args: provide('resources', '--concurrency', '65536'),
      error: 'UsageError',
      code: 2,
    }),
    'results at no URL': () => ({
      args: provide('resources', '--public-url', 'my-machine'),
      error: 'UsageError',
      code: 2,
    }),
  })

  describe('a provider with a journal that is not its own', () => {
    const journalOf = (name: string) => join(path(name), 'journal.sqlite')
    const garbage = randomBytes(8_192)
    const kept = new Map<string, Buffer>()
    before_(() => {
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
      'it is no database': () => ({
        args: provide('garbage'),
        error: 'JournalCorruptError',
        says: journalOf('garbage'),
      }),
      'it is damaged': () => ({ args: provide('torn'), error: 'JournalCorruptError' }),
      'it is of another provider': () => ({
        args: provide('other-provider'),
        error: 'JournalMismatchError',
        says: /provider[^]*--data/,
      }),
      'it is of another market': () => ({
        args: provide('other-market'),
        error: 'JournalMismatchError',
        says: 'market',
      }),
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

    before_(async () => {
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
      expect(line['error']).to.equal('ContentNotFoundError')
      expect((await world.client().getJob({ jobId })).status).to.equal('open')
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

    it('refuses to give what is not there yet, or any more', async () => {
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
        runTiny('--accept', '--ramp', '1', '--window', '2', '--out', path('run')),
      ]
      for (const command of commands) {
        const args = [...command, '--rpc', world.rpcUrl]
        const [plain, json] = await Promise.all([assay(args), assay([...args, '--json'])])
        for (const { code, stdout, stderr } of [plain, json]) {
          expect(code, `${command.join(' ')}\n${stderr}`).to.equal(0)
          expectPlain(stdout)
          expectPlain(stderr)
        }
        expect(() => JSON.parse(json.stdout), command.join(' ')).not.to.throw()
        expect(plain.stdout, command.join(' ')).to.match(/\S/)
      }
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
    const ended = new Map<string, { plain: Ended; json: Ended }>()
    before_(async () => {
      for (const [name, args] of Object.entries(usages)) {
        const [plain, json] = await Promise.all([assay(args), assay([...args, '--json'])])
        ended.set(name, { plain, json })
      }
    })
    for (const name of Object.keys(usages)) {
      it(name, () => {
        const { plain, json } = ended.get(name) as { plain: Ended; json: Ended }
        for (const { code, stdout, stderr } of [plain, json]) {
          expect({ code, stdout }, stderr).to.deep.equal({ code: 2, stdout: '' })
          expect(stderr).to.include('--help')
          expectPlain(stderr)
        }
        expect(JSON.parse(json.stderr)).to.include({ error: 'UsageError' })
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

/** Lines of text and nothing else: no colours, no cursor movements. */
function expectPlain(output: string): void {
  expect(/[\x00-\x09\x0b-\x1f\x7f\ufffd]/.exec(output), JSON.stringify(output.slice(0, 400))).to.equal(null)
}

function escape(text: string): string {
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

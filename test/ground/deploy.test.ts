import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import hre from 'hardhat'
import { type Address, getAddress, type Hex } from 'viem'
import { MinBondTooSmallError } from '../../scripts/support/checkGame.ts'
import { checkToken, TokenDecimalsError, TokenNotDeployedError } from '../../scripts/support/checkToken.ts'
import { deployMarket, OtherTokenDeployedError } from '../../scripts/support/deployMarket.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const recorded = join(root, 'sdk/src/deployments.json')
const NOBODY = getAddress('0x00000000000000000000000000000000000a55a1')

describe('npm run deploy', () => {
  /** On a chain inside the process, which is gone afterwards: nothing is recorded. */
  const deploy = (...args: string[]) => {
    const ended = spawnSync(process.execPath, ['scripts/deploy.ts', ...args], { cwd: root, encoding: 'utf8' })
    return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr }
  }

  it('prints its options, among them the token', () => {
    const { code, stdout } = deploy('--help')
    expect(code).to.equal(0)
    const named = ['--token', '--proposer', '--guardian', '--fee-recipient', '--delay']
    const game = ['--move-fee', '--turn-floor', '--steps-per-second']
    for (const option of ['--network', ...named, ...game]) {
      expect(stdout).to.include(`${option} `)
    }
  })

  it('deploys nothing on an address without a contract, and says so', () => {
    const before = readFileSync(recorded, 'utf8')
    const { code, stdout, stderr } = deploy('--network', 'default', '--token', NOBODY)
    expect(code).to.equal(1)
    expect(stdout).to.equal('')
    expect(stderr).to.match(/^TokenNotDeployedError: No contract is deployed at the token's address\.\n/)
    expect(stderr).to.include(`Token: ${NOBODY}\nChain: 31337\n`)
    expect(readFileSync(recorded, 'utf8')).to.equal(before)
  })

  it('takes no token that is no address for one', () => {
    const { code, stderr } = deploy('--network', 'default', '--token', 'USDT')
    expect(code).to.equal(2)
    expect(stderr).to.include('USDT is no address.')
  })
})

describe('a market whose moves are dear', () => {
  it('is not deployed where the least bond does not pay for eight of the longest disputes', async () => {
    const connection = await hre.network.create()
    const height = await connection.ethers.provider.getBlockNumber()
    const dear = await deployMarket(connection, { game: { moveFee: 6_579n } }).catch((error) => error)
    expect(dear).to.be.instanceOf(MinBondTooSmallError)
    expect(dear.message).to.include('Needed: 1000008 units, 8 games of 19 moves')
    expect(dear.message).to.include('Let a move cost at most 6578 units')
    expect(await connection.ethers.provider.getBlockNumber()).to.equal(height)
    const { disputeGame } = await deployMarket(connection, { game: { moveFee: 6_578n, turnFloor: 7 } })
    const game = await connection.ethers.getContractAt('DisputeGame', disputeGame)
    expect([await game.moveFee(), await game.turnFloor()]).to.deep.equal([6_578n, 7n])
    await connection.close()
  })
})

describe('a market on a token that is there already', () => {
  const connect = () => hre.network.create()
  let connection: Awaited<ReturnType<typeof connect>>
  let owner: Address

  before(async () => {
    connection = await connect()
    owner = (await connection.ethers.getSigners())[0]?.address as Address
  })
  after(() => connection.close())

  const put = async (name: string, ...args: unknown[]) =>
    (await (await connection.ethers.deployContract(name, args)).getAddress()) as Address
  /** Code that answers every call with these bytes. */
  const answering = async (bytes: Hex) => {
    const size = (bytes.length - 2) / 2
    const word = bytes.slice(2).padEnd(64, '0')
    const code = `0x7f${word}5f5260${size.toString(16).padStart(2, '0')}5ff3`
    await connection.provider.request({ method: 'hardhat_setCode', params: [NOBODY, code] })
    return NOBODY as Address
  }
  const refused = (checking: Promise<unknown>) =>
    checking.then(
      () => null,
      (error: Error) => error,
    )
  const decimals = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`

  for (const [title, name, args, unit] of [
    ['of 6 decimals that returns nothing', 'NoReturnTokenMock', () => [owner, 10n ** 18n], 1n],
    ['of 18 decimals', 'OddTokenMock', () => [18, owner, 10n ** 30n], 10n ** 12n],
  ] as const) {
    it(`counts in units of a token ${title}, and deploys no other`, async () => {
      const token = await put(name, ...args())
      const { deployment } = await deployMarket(connection, { token, governance: { guardian: NOBODY } })
      expect(deployment.token).to.equal(token)
      const market = await connection.ethers.getContractAt('JobMarket', deployment.market)
      expect(await market.getFunction('token')()).to.equal(token)
      expect(await market.getFunction('unit')()).to.equal(unit)
      expect(await market.getFunction('guardian')()).to.equal(NOBODY)
    })
  }

  it('is not deployed beside a market with a token of its own, nor the other way round', async () => {
    const token = await put('OddTokenMock', 6, owner, 10n ** 12n)
    const deploymentId = `other-token-${process.pid}`
    const folder = join(hre.config.paths.ignition, 'deployments', deploymentId)
    mkdirSync(folder, { recursive: true })
    try {
      for (const [recorded, options, said] of [
        ['Assay#JobMarket', { token }, 'Leave `--token` out'],
        ['AssayOnToken#JobMarket', {}, 'Pass the `--token` of the first time'],
      ] as const) {
        writeFileSync(join(folder, 'deployed_addresses.json'), JSON.stringify({ [recorded]: token }))
        const height = await connection.ethers.provider.getBlockNumber()
        const error = await refused(deployMarket(connection, { ...options, deploymentId }))
        expect(error).to.be.instanceOf(OtherTokenDeployedError)
        expect(error?.message).to.include(said)
        expect(await connection.ethers.provider.getBlockNumber()).to.equal(height)
      }
      const { deployment } = await deployMarket(connection, { token, deploymentId, reset: true })
      expect(deployment.token).to.equal(token)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is not deployed without code there, or without decimals', async () => {
    expect(await refused(checkToken(connection, owner))).to.be.instanceOf(TokenNotDeployedError)
    for (const [token, said] of [
      [await put('WalletMock', owner), 'the answer was 0x'],
      [await put('MediatorMock'), 'the call failed: '],
    ] as const) {
      const height = await connection.ethers.provider.getBlockNumber()
      const error = await refused(deployMarket(connection, { token }))
      expect(error).to.be.instanceOf(TokenDecimalsError)
      expect(error?.message).to.include(`Token: ${token}\nDecimals: ${said}`)
      expect(await connection.ethers.provider.getBlockNumber()).to.equal(height)
    }
  })

  it('is not deployed on decimals that are no number, or too many for 2^80 units', async () => {
    const short = await refused(checkToken(connection, await answering('0x06')))
    expect(short).to.be.instanceOf(TokenDecimalsError)
    expect(short?.message).to.include('Decimals: the answer was 0x06')
    for (const value of [59, 256]) {
      const error = await refused(checkToken(connection, await answering(decimals(value))))
      expect(error).to.be.instanceOf(TokenDecimalsError)
      expect(error?.message).to.include(`Decimals: ${value}\nMost: 58`)
    }
    for (const value of [0, 6, 58]) {
      expect(await checkToken(connection, await answering(decimals(value)))).to.equal(value)
    }
  })
})

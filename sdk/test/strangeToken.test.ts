import { expect } from 'chai'
import hre from 'hardhat'
import type { NetworkConnection } from 'hardhat/types/network'
import { type Address, custom, type EIP1193RequestFn, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { deployMarket } from '../../scripts/support/deployMarket.ts'
import { createMarketClient, type MarketClient, type MarketClientConfig } from '../src/index.ts'
import { keyOf } from './helpers/chain.ts'
import { units } from './helpers/jobs.ts'

const abi = parseAbi([
  'function approve(address spender, uint256 value)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
])

describe('a token that returns nothing, and changes an allowance from and to zero only', () => {
  let connection: NetworkConnection
  let token: Address
  let market: Address
  let client: MarketClient
  const account = privateKeyToAccount(keyOf('owner'))

  before(async () => {
    connection = await hre.network.create()
    const request = connection.provider.request.bind(connection.provider) as EIP1193RequestFn
    const args = [account.address, units('1000')]
    const contract = await (connection as never as Hardhat).ethers.deployContract('NoReturnTokenMock', args)
    token = await contract.getAddress()
    const { deployment } = await deployMarket(connection, { token })
    market = deployment.market as Address
    const config: MarketClientConfig = { transport: custom({ request }, { retryCount: 0 }), account, market }
    client = createMarketClient({ ...config, pollingInterval: 10 }) as MarketClient
  })
  after(() => connection.close())

  type Hardhat = {
    ethers: {
      deployContract: (name: string, args: unknown[]) => Promise<{ getAddress(): Promise<Address> }>
    }
  }
  const sent = () => client.getTransactionCount({ address: account.address })
  const during = async (act: () => Promise<unknown>) => {
    const before = await sent()
    await act()
    return (await sent()) - before
  }
  const allow = async (value: bigint) => {
    const call = { address: token, abi, functionName: 'approve', args: [market, value] } as const
    await client.waitForTransactionReceipt({
      hash: await client.writeContract({ ...call, account, chain: null }),
    })
  }
  const allowance = () =>
    client.readContract({ address: token, abi, functionName: 'allowance', args: [account.address, market] })

  it('is deposited like any other', async () => {
    expect(await during(() => client.depositSync({ amount: units('3') }))).to.equal(2)
    expect(await client.getAccount()).to.include({ balance: units('3') })
    expect(await allowance()).to.equal(0n)
  })

  it('is deposited by way of zero where too little is allowed', async () => {
    await allow(units('1'))
    expect(await during(() => client.depositSync({ amount: units('4') }))).to.equal(3)
    expect(await client.getAccount()).to.include({ balance: units('7') })
    expect(await allowance()).to.equal(0n)
  })

  it('is deposited at once where enough is allowed', async () => {
    await allow(units('9'))
    expect(await during(() => client.depositSync({ amount: units('5') }))).to.equal(1)
    expect(await allowance()).to.equal(units('4'))
  })

  it('is withdrawn, and staked', async () => {
    await client.stakeSync({ amount: units('2') })
    const before = await client.readContract({
      address: token,
      abi,
      functionName: 'balanceOf',
      args: [account.address],
    })
    await client.withdrawSync({ amount: units('10') })
    const balance = await client.readContract({
      address: token,
      abi,
      functionName: 'balanceOf',
      args: [account.address],
    })
    expect(balance - before).to.equal(units('10'))
    expect(await client.getAccount()).to.include({ balance: 0n, stake: units('2') })
  })
})

import { expect } from 'chai'
import { createClient, custom, type EIP1193RequestFn, getAddress } from 'viem'
import * as assay from '../src/index.ts'
import {
  auditorActions,
  createMarketClient,
  local,
  type MarketClientConfig,
  MarketUnknownError,
  marketDeployments,
} from '../src/index.ts'

const market = getAddress('0x00000000000000000000000000000000000000ff')
const token = getAddress('0x00000000000000000000000000000000000000ee')

/** A node that nobody may ask. */
const transport = custom({
  request: (async ({ method }: { method: string }) => expect.fail(`asked for ${method}`)) as EIP1193RequestFn,
})
const create = (config: Omit<MarketClientConfig, 'transport'>) => createMarketClient({ transport, ...config })

describe('createMarketClient', () => {
  it('takes the market of the chain, and asks the node for nothing', () => {
    const client = create({ chain: local })
    expect(client.market).to.equal(marketDeployments[local.id]?.market)
    expect(client.deployment).to.deep.equal(marketDeployments[local.id])
  })

  it('takes the market that it is given, whose token and first block are not those of the chain', () => {
    expect(create({ chain: local, market }).deployment).to.deep.equal({
      market,
      token: undefined,
      fromBlock: 0n,
    })
    expect(create({ market, token, fromBlock: 9n }).deployment).to.deep.equal({
      market,
      token,
      fromBlock: 9n,
    })
  })

  it('knows the market of the chain by its address, however it is written', () => {
    const known = marketDeployments[local.id]
    const client = create({ chain: local, market: known?.market.toLowerCase() as `0x${string}` })
    expect(client.deployment).to.deep.equal(known)
  })

  it('throws where no market is known', () => {
    expect(() => create({ chain: { ...local, id: 5 } }))
      .to.throw(MarketUnknownError)
      .with.property('chainId', 5)
    const plain = createClient({ transport }).extend(auditorActions())
    return plain.getTotals().then(
      () => expect.fail(),
      (error: unknown) => expect(error).to.be.instanceOf(MarketUnknownError),
    )
  })

  it('has the actions of viem and of every role', () => {
    const client = create({ chain: local }) as unknown as Record<string, unknown>
    const names = ['getBlock', 'sendTransaction', 'getJob', 'post', 'claim', 'settle', 'scheduleCall']
    for (const name of names) expect(client[name], name).to.be.a('function')
  })

  it('polls as it is told', () => {
    expect(create({ chain: local }).pollingInterval).to.equal(500)
    expect(create({ chain: local, pollingInterval: 7 }).pollingInterval).to.equal(7)
  })
})

describe('the auditor', () => {
  it('cannot write', () => {
    const actions = Object.keys(auditorActions()(createClient({ transport, chain: local })))
    const exported = assay as unknown as Record<string, object>
    for (const name of actions) expect(Object.hasOwn(exported[name] ?? {}, 'call'), name).to.equal(false)
  })
})

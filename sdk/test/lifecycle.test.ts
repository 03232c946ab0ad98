import { expect } from 'chai'
import { startChain, type TestChain } from './helpers/chain.ts'
import { fund, result, someTerms, units } from './helpers/jobs.ts'

describe('life of a job', () => {
  let chain: TestChain
  before(async () => {
    chain = await startChain()
  })
  after(() => chain.close())

  it('goes from posting to payment with each action once', async () => {
    const { requester, provider } = await fund(chain)
    const { jobId } = await requester.postSync({ terms: await someTerms(chain) })
    expect(await requester.getJobStatus({ jobId })).to.equal('open')

    const { price, bond } = await provider.claimSync({ jobId })
    expect(await provider.getJob({ jobId })).to.include({ status: 'claimed', price, bond, tasks: 8 })
    expect(price >= units('1') && price <= units('2')).to.equal(true)

    await provider.submitSync({ jobId, ...result })
    expect(await requester.getJobStatus({ jobId })).to.equal('submitted')
    await chain.pass(301)
    expect(await requester.getJobStatus({ jobId })).to.equal('settleable')

    const { pay, fee } = await chain.client('keeper').settleSync({ jobId })
    expect(pay + fee).to.equal(price)
    expect(await requester.getJob({ jobId })).to.include({ status: 'settled', price, bond })
  })
})

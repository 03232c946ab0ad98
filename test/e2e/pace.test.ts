import { expect } from 'chai'
import { faultInput } from '../../examples/faults/requests.ts'
import { loadProgram } from '../../examples/programs.ts'
import { World } from './support/world.ts'

const PROVIDER = 2
const STAKE = 100_000_000n

describe('a provider and a job that will not end in time', () => {
  let world: World

  before(async () => {
    world = await World.start()
  })
  after(() => world.stop())

  it('gives it back in the first quarter of the run time, for 2 % of the price', async () => {
    const provider = await world.provider({ account: PROVIDER })
    const { jobId } = await world.post({
      program: await loadProgram('faults'),
      // Each takes all the steps that an interpreter might do in the run time, which is some seconds of the native engine.
      inputs: Array(200).fill(faultInput('loop')),
      maxPrice: 1_000_000n,
      minPrice: 1_000_000n,
      ramp: 0,
      run: 60,
      attempts: 1,
    })

    const line = await provider.waitFor('gave-up', { jobId })
    expect(line.error).to.equal('JobTooSlowError')
    await provider.waitFor('released', { jobId })

    const client = world.client()
    expect((await client.getJob({ jobId })).status).to.equal('released')
    const account = await client.getAccount({ address: world.address(PROVIDER) })
    expect(account).to.include({ locked: 0n, active: 0, stake: STAKE - 20_000n })
    const { faults } = await client.getProvider({ address: world.address(PROVIDER) })
    expect(faults).to.equal(0)
  })
})

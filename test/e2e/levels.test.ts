import {
  attestersHash,
  contentHash,
  emptyContent,
  getAccount,
  packInputs,
  postSync,
  putInputs,
  putProgram,
} from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { type AssayProcess, assay } from '../../scripts/support/processes.ts'
import { World } from './support/world.ts'

const PROVIDER = 2
const ATTESTERS = [5, 6]
const PRICE = 1_000_000n

/** What the machine takes for a task of `tiny`. */
const TINY_STEPS = 46n

describe('a provider', () => {
  let world: World
  let provider: AssayProcess

  before(async () => {
    world = await World.start()
    provider = await world.provider({ account: PROVIDER, args: ['--min-price', '0.5'] })
  })
  after(() => world.stop())

  const inputs = tinyInputs(4)
  const balance = async () => (await getAccount(world.client(), { address: world.address(PROVIDER) })).balance

  /** Posts a job at one price, whose window nobody waits for. */
  async function post(terms: {
    window: number
    level?: 'attested'
    assurance?: Hex
    meteredBps?: number
    isPrivate?: boolean
  }): Promise<Hex> {
    const client = world.client()
    const { timestamp } = await client.getBlock()
    const [programId, inputsRoot] = await Promise.all([
      putProgram({ url: world.store, bytes: await loadProgram('tiny') }),
      putInputs({ url: world.store, bytes: packInputs(inputs) }),
    ])
    const { jobId } = await postSync(client, {
      terms: {
        ...{ programId, inputsRoot, sharedInput: contentHash(emptyContent), dataUri: world.store },
        ...{ maxPrice: PRICE, minPrice: PRICE, ramp: 0, run: 30, minReputation: 0n },
        floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
        level: 'optimistic',
        tasks: inputs.length,
        claimBy: Number(timestamp) + 60,
        ...{ stepLimit: 2n * TINY_STEPS, maxOutput: 1 << 20, maxPages: 64 },
        ...terms,
      },
    })
    return jobId
  }

  it('is paid for an attested job as soon as one of its attesters has signed', async () => {
    const before = await balance()
    const addresses = ATTESTERS.map((account) => world.address(account))
    const jobId = await post({ window: 86_400, level: 'attested', assurance: attestersHash(addresses) })
    await world.job(jobId, 'submitted')
    const attest = (account: number) =>
      assay([
        ...['job', 'attest', jobId, '--rpc', world.rpcUrl, '--demo-account', String(account), '--json'],
        ...addresses.flatMap((address) => ['--attester', address]),
      ])
    const stranger = await attest(7)
    expect(stranger.code).to.equal(1)
    expect(stranger.stderr).to.contain('AttestationUnknownAttesterError')
    const { code, stdout, stderr } = await attest(6)
    expect(code, stderr).to.equal(0)
    expect(JSON.parse(stdout).status).to.equal('settleable')
    await world.job(jobId, 'settled')
    expect(await balance()).to.equal(before + 990_000n)
  })

  it('is paid for a metered job by what its base and its steps are worth', async () => {
    const before = await balance()
    // Half of the price for nothing, the other half by step, of which it takes half.
    const jobId = await post({ window: 2, meteredBps: 5_000 })
    expect(await world.job(jobId)).to.include({
      status: 'settled',
      meteredBps: 5_000,
      steps: 4n * TINY_STEPS,
    })
    expect(await balance()).to.equal(before + 742_500n)
  })

  it('leaves alone what its base does not cover, and what is private without sealed data', async () => {
    const metered = await post({ window: 2, meteredBps: 5_001 })
    const hidden = await post({ window: 2, isPrivate: true })
    const first = await provider.waitFor('passed-over', { jobId: metered })
    expect(first['reason']).to.equal('pays up to 1 ASSAY, 50.01 % of it by step, the policy asks 0.5 ASSAY')
    const second = await provider.waitFor('refused', { jobId: hidden })
    expect(second['error']).to.equal('PrivateDataUriError')
  })
})

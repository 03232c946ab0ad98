import { type Hex, keccak256, parseUnits, stringToHex } from 'viem'
import type { JobTermsInput, MarketClient } from '../../src/index.ts'
import { contentHash, emptyContent } from '../../src/trees/index.ts'
import type { TestChain } from './chain.ts'

export const units = (amount: string): bigint => parseUnits(amount, 6)

export const resources = { cores: 4, memoryMiB: 8192, diskGiB: 20 }
export const endpoint = 'http://127.0.0.1:4401'

/** Terms of a small job that can be claimed for an hour. */
export async function someTerms(
  chain: TestChain,
  changes: Partial<JobTermsInput> = {},
): Promise<JobTermsInput> {
  return {
    programId: keccak256(stringToHex('program')),
    inputsRoot: keccak256(stringToHex('inputs')),
    sharedInput: contentHash(emptyContent),
    maxPrice: units('2'),
    minPrice: units('1'),
    ramp: 600,
    run: 400,
    window: 300,
    minReputation: 0n,
    floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
    level: 'optimistic',
    tasks: 8,
    claimBy: (await chain.now()) + 3_600,
    stepLimit: 1n << 30n,
    maxOutput: 65_536,
    maxPages: 256,
    dataUri: 'http://127.0.0.1:4400',
    ...changes,
  }
}

/** The result that the tests submit. */
export const result = { resultRoot: keccak256(stringToHex('result')), totalSteps: 8n } as const

/** The actors of a market with money: the requester has deposited, the provider is registered and has staked. */
export async function fund(chain: TestChain): Promise<{ requester: MarketClient; provider: MarketClient }> {
  const [requester, provider] = [chain.client('requester'), chain.client('provider')]
  await requester.depositSync({ amount: units('1000') })
  await provider.depositSync({ amount: units('1000') })
  await provider.stakeSync({ amount: units('500') })
  await provider.updateProviderSync({ resources, concurrency: 100, endpoint })
  return { requester, provider }
}

/** Brings new jobs of the requester as far as a test needs them. */
export function jobsOf(
  chain: TestChain,
  { requester, provider }: { requester: MarketClient; provider: MarketClient },
) {
  const posted = async (changes: Partial<JobTermsInput> = {}): Promise<Hex> =>
    (await requester.postSync({ terms: await someTerms(chain, changes) })).jobId
  const claimed = async (changes: Partial<JobTermsInput> = {}): Promise<Hex> => {
    const jobId = await posted(changes)
    await provider.claimSync({ jobId })
    return jobId
  }
  const submitted = async (changes: Partial<JobTermsInput> = {}): Promise<Hex> => {
    const jobId = await claimed(changes)
    await provider.submitSync({ jobId, ...result })
    return jobId
  }
  return { posted, claimed, submitted }
}

import { ethers, networkHelpers } from './chain.ts'

/** A word of storage: which contract's, and where. */
export interface Place {
  contract: string
  slot: bigint
}

type Diff = Record<string, { storage?: Record<string, string> }>

/** The words of `contracts` that transactions in the blocks after `from` changed, each once. */
export async function changedSince(from: number, contracts: readonly string[]): Promise<Place[]> {
  const own = new Map(contracts.map((contract) => [contract.toLowerCase(), contract]))
  const places = new Map<string, Place>()
  const latest = await networkHelpers.time.latestBlock()
  for (let number = from + 1; number <= latest; number++) {
    const block = await ethers.provider.getBlock(number)
    for (const hash of block?.transactions ?? []) {
      const tracer = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }
      const diff: { pre: Diff; post: Diff } = await ethers.provider.send('debug_traceTransaction', [
        hash,
        tracer,
      ])
      // a word that became zero is in `pre` alone
      for (const [account, { storage = {} }] of [...Object.entries(diff.pre), ...Object.entries(diff.post)]) {
        const contract = own.get(account)
        if (contract === undefined) continue
        for (const slot of Object.keys(storage)) places.set(contract + slot, { contract, slot: BigInt(slot) })
      }
    }
  }
  return [...places.values()]
}

/** What stands in those words now. */
export async function wordsAt(places: readonly Place[]): Promise<string[]> {
  const words: string[] = []
  for (const { contract, slot } of places) words.push(await networkHelpers.getStorageAt(contract, slot))
  return words
}

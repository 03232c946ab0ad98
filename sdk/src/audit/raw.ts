import { type Address, type Hex, zeroAddress } from 'viem'
import { fixedWords, jobWords, parametersWords, slotOf } from './layout.ts'
import type { ChainReader } from './reader.ts'
import type { MarketState } from './state.ts'
import { stringWords } from './words.ts'

/** What a market's storage holds at one block, undecoded. Which slots are read follows from its events. */
export type RawMarket = {
  /** By slot, as in `fixedWords`. */
  fixed: Map<number, bigint>
  accounts: Map<Address, bigint>
  profiles: Map<Address, bigint>
  /** Encryption key, time of registration, then the words of the endpoint. */
  contacts: Map<Address, bigint[]>
  /** Two words each, by id. */
  sets: bigint[][]
  /** The levels of each set, and one more. */
  levels: bigint[][]
  /** Five words each. */
  jobs: Map<Hex, bigint[]>
}

/** Reads every word that the events say is in use. */
export async function readRawMarket(
  reader: ChainReader,
  market: Address,
  block: bigint,
  state: MarketState,
  onEach?: (done: number, total: number) => void,
): Promise<RawMarket> {
  const raw: RawMarket = {
    fixed: new Map(),
    accounts: new Map(),
    profiles: new Map(),
    contacts: new Map(),
    sets: [],
    levels: [],
    jobs: new Map(),
  }
  const slots: bigint[] = []
  const keeps: ((words: bigint[]) => void)[] = []
  const sizes: number[] = []
  const want = (wanted: bigint[], keep: (words: bigint[]) => void) => {
    for (const slot of wanted) slots.push(slot)
    sizes.push(wanted.length)
    keeps.push(keep)
  }

  for (const slot of Object.keys(fixedWords).map(Number))
    want([BigInt(slot)], ([value]) => raw.fixed.set(slot, value!))
  for (const address of addressesOf(state)) {
    want([slotOf.account(address)], ([value]) => raw.accounts.set(address, value!))
    want([slotOf.profile(address)], ([value]) => raw.profiles.set(address, value!))
  }
  for (const [address, { endpoint }] of state.contacts)
    want(contactSlots(address, endpoint), (words) => raw.contacts.set(address, words))
  for (const [id, set] of state.sets.entries()) {
    const levels = Array.from({ length: set.levels.length + 1 }, (_, level) => BigInt(level))
    want(consecutive(slotOf.parameters(BigInt(id)), parametersWords.length), (words) => raw.sets.push(words))
    want(
      levels.map((level) => slotOf.level(BigInt(id), level)),
      (words) => raw.levels.push(words),
    )
  }
  for (const jobId of state.jobs.keys())
    want(consecutive(slotOf.job(jobId), jobWords.length), (words) => raw.jobs.set(jobId, words))

  const words = await reader.storage(market, slots, block, onEach)
  let at = 0
  for (const [index, keep] of keeps.entries()) {
    const size = sizes[index]!
    keep(words.slice(at, at + size))
    at += size
  }
  return raw
}

/** Every address that may have money or a profile. */
function addressesOf({ accounts, profiles, sets, jobs, guardian, feeRecipient }: MarketState): Set<Address> {
  const requesters = Array.from(jobs.values(), ({ requester }) => requester)
  const hooks = sets.flatMap((set) => set.levels.map(({ hook }) => hook))
  return new Set([
    ...accounts.keys(),
    ...profiles.keys(),
    ...requesters,
    ...hooks,
    guardian,
    feeRecipient,
    zeroAddress,
  ])
}

/** Slots of a provider's encryption key, time of registration, and of the words of its endpoint. */
function contactSlots(address: Address, endpoint: string): bigint[] {
  const key = slotOf.contact(address)
  return [key, key + 2n, ...stringWords(key + 1n, endpoint).map(({ slot }) => slot)]
}

function consecutive(first: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => first + BigInt(index))
}

import { toHex } from 'viem'
import type { CheckName, Checks } from './checks.ts'
import {
  accountWord,
  agreementWord,
  claimWord,
  commitmentWord,
  fixedWords,
  levelWord,
  meterWord,
  originWord,
  parametersWords,
  profileWord,
  rulesWord,
} from './layout.ts'
import type { RawMarket } from './raw.ts'
import { emptyAccount, emptyProfile, type JobState, type MarketState } from './state.ts'
import { decodeWord, stringWords, type WordSchema, word } from './words.ts'

type Expected = Readonly<Record<string, bigint>>

/** Compares every field of every word in storage with what the events say it must be. */
export function compareState(state: MarketState, raw: RawMarket, checks: Checks): void {
  const compare = (
    check: CheckName,
    subject: string,
    schema: WordSchema,
    expected: Expected,
    actual: bigint,
  ) => compareWord(checks, check, subject, schema, expected, actual)

  const fixed = fixedValues(state)
  for (const [slot, schema] of Object.entries(fixedWords))
    compare('market', 'market', schema, fixed, raw.fixed.get(Number(slot))!)

  for (const [id, { levels, ...set }] of state.sets.entries()) {
    for (const [index, schema] of parametersWords.entries())
      compare('parameters', `set ${id}`, schema, { ...set, unused: 0n }, raw.sets[id]![index]!)
    for (const [level, found] of raw.levels[id]!.entries()) {
      const { hook = '0x0', isMediated = false } = levels[level] ?? {}
      const expected = { hook: BigInt(hook), isMediated: isMediated ? 1n : 0n, unused: 0n }
      compare('parameters', `set ${id}, level ${level}`, levelWord, expected, found)
    }
  }

  for (const [address, found] of raw.accounts)
    compare(
      'accounts',
      `account ${address}`,
      accountWord,
      state.accounts.get(address) ?? emptyAccount(),
      found,
    )
  for (const [address, found] of raw.profiles)
    compare(
      'providers',
      `provider ${address}`,
      profileWord,
      state.profiles.get(address) ?? emptyProfile(),
      found,
    )
  for (const [address, words] of raw.contacts) {
    const { endpoint, encryptionKey, registeredAt } = state.contacts.get(address)!
    const texts = stringWords(0n, endpoint).map((part) => part.word)
    const expected = [BigInt(encryptionKey), registeredAt, ...texts]
    for (const [index, value] of expected.entries()) {
      const what = ['encryptionKey', 'registeredAt'][index] ?? `endpoint, word ${index - 1}`
      checks.equal('providers', `provider ${address}: ${what}`, word(value), word(words[index]!))
    }
  }

  for (const [jobId, words] of raw.jobs) {
    const [first, second, third, fourth, fifth] = words
    const job = state.jobs.get(jobId)!
    const isSigned = job.maybeSigned && decodeWord(claimWord, third!).isSigned === 1n
    const { origin, rules, claim, resultCommitment, meter } = isSigned ? signed(job) : job
    const schema = isSigned ? agreementWord : originWord
    compare('jobs', `job ${jobId}`, schema, origin, first!)
    compare('jobs', `job ${jobId}`, rulesWord, rules, second!)
    compare('jobs', `job ${jobId}`, claimWord, claim, third!)
    compare('jobs', `job ${jobId}`, commitmentWord, { resultCommitment }, fourth!)
    compare('jobs', `job ${jobId}`, meterWord, { ...meter, unused: 0n }, fifth!)
  }
}

/** The words of a job that was agreed by signature: what still binds after the claim stands in the first. */
function signed({ requester, rules, claim, resultCommitment, meter }: JobState) {
  const { maxPrice, run, window, level, parametersId, feeBps } = rules
  const exponent = BigInt(Math.max(0, maxPrice.toString(2).length - 40))
  const mantissa = maxPrice >> exponent
  const requesterBits = BigInt(requester)
  return {
    origin: { requester: requesterBits, mantissa, exponent, window, level, parametersId, feeBps },
    rules: decodeWord(rulesWord, 0n),
    claim: { ...claim, share: run, isSigned: 1n },
    resultCommitment,
    meter,
  }
}

function fixedValues(state: MarketState): Expected {
  const { feeBps = 0n, minRun = 0n, minWindow = 0n } = state.sets.at(-1) ?? {}
  return {
    reserve: state.reserve,
    feeRecipient: BigInt(state.feeRecipient),
    parametersId: BigInt(state.sets.length - 1),
    feeBps,
    minRun,
    minWindow,
    paused: state.paused ? 1n : 0n,
    guardian: BigInt(state.guardian),
    count: BigInt(state.sets.length),
    nameFallback: 0n,
    versionFallback: 0n,
    unused: 0n,
  }
}

function compareWord(
  checks: Checks,
  check: CheckName,
  subject: string,
  schema: WordSchema,
  expected: Expected,
  actual: bigint,
): void {
  const found = decodeWord(schema, actual)
  for (const [field, bits] of Object.entries(schema))
    checks.that(check, expected[field] === found[field], () => ({
      subject: `${subject}: ${field}`,
      expected: display(expected[field]!, bits),
      actual: display(found[field]!, bits),
    }))
}

/** Addresses and hashes as hex, amounts and times as numbers; what should be non-negative may be below zero. */
function display(value: bigint, bits: number): string {
  const isNumber = value < 0n || (bits !== 160 && (bits !== 256 || value < 1n << 64n))
  return isNumber ? `${value}` : toHex(value, { size: bits / 8 })
}

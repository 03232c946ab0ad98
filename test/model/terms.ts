import { encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem'

export type Address = Hex

/** What a machine offers or a job needs: cores, memory in units of 256 MiB, disk in GiB. */
export interface Resources {
  cores: number
  memory: number
  disk: number
}

/** Everything a job is, unpacked. `minReputation` must have at most 13 significant bits. */
export interface Terms {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  maxPrice: bigint
  minBps: number
  /** The data is encrypted; the requester delivers the key after the claim. */
  isPrivate: boolean
  /** A bit that terms leave zero; the contract sets it where `meteredBps` is not. */
  meteredBit: number
  ramp: number
  run: number
  window: number
  minReputation: bigint
  floor: Resources
  level: number
  /** The rules that the requester expects, as {@link snapshotOf} them; zero for whatever is current. */
  snapshot: number
  tasks: number
  claimBy: number
  stepLimit: bigint
  maxOutput: bigint
  maxPages: number
  /** The share of the price that is paid by step. */
  meteredBps: number
  nonce: bigint
  /** What the hook of the level needs to know. */
  assurance: Hex
  dataUri: string
}

/** Terms as the contract takes them: rules and limits in one word each. */
export function packTerms(t: Terms) {
  return {
    programId: t.programId,
    inputsRoot: t.inputsRoot,
    sharedInput: t.sharedInput,
    rules: packWord([
      [t.maxPrice, 80],
      [t.minBps, 14],
      [t.isPrivate ? 1 : 0, 1],
      [t.meteredBit, 1],
      [t.ramp, 24],
      [t.run, 24],
      [t.window, 24],
      [packFloat(t.minReputation), 20],
      [packResources(t.floor), 32],
      [t.level, 8],
      [t.snapshot, 28],
    ]),
    limits: packWord([
      [t.tasks, 32],
      [t.claimBy, 32],
      [t.stepLimit, 64],
      [t.maxOutput, 32],
      [t.maxPages, 16],
      [t.meteredBps, 16],
      [t.nonce, 64],
    ]),
    assurance: t.assurance,
    dataUri: t.dataUri,
  }
}

/** The id of the job that `requester` posts with these terms: a hash over chain, market, requester and all of them. */
export function jobIdOf(chainId: number, market: Address, requester: Address, terms: Terms): Hex {
  const t = packTerms(terms)
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'uint256' },
        { type: 'address' },
        { type: 'address' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'bytes32' },
        { type: 'bytes32' },
      ],
      [
        BigInt(chainId),
        market,
        requester,
        t.programId,
        t.inputsRoot,
        t.sharedInput,
        t.rules,
        t.limits,
        t.assurance,
        keccak256(stringToHex(t.dataUri)),
      ],
    ),
  )
}

/** How terms name a set of rules: its number and its fee. */
export function snapshotOf(setId: number, feeBps: number): number {
  return setId + feeBps * 2 ** 12
}

export function packResources({ cores, memory, disk }: Resources): number {
  return cores + memory * 2 ** 8 + disk * 2 ** 20
}

export function unpackResources(word: number): Resources {
  return {
    cores: word % 2 ** 8,
    memory: Math.floor(word / 2 ** 8) % 2 ** 12,
    disk: Math.floor(word / 2 ** 20),
  }
}

/** 13 bits of mantissa (low), 7 of exponent. */
function packFloat(value: bigint): bigint {
  const exponent = BigInt(Math.max(0, value.toString(2).length - 13))
  return (value >> exponent) | (exponent << 13n)
}

/** Puts fields side by side, from the lowest bit. */
export function packWord(fields: [value: bigint | number, bits: number][]): bigint {
  let word = 0n
  let at = 0n
  for (const [value, bits] of fields) {
    if (BigInt(value) >> BigInt(bits) !== 0n) throw new RangeError(`${value} does not fit ${bits} bits`)
    word |= BigInt(value) << at
    at += BigInt(bits)
  }
  return word
}

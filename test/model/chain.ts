/** The contracts on an in-process chain, driven and read as fast as it goes: one request per call, no polling. */
import hre from 'hardhat'
import { type Hex, type Log, maxUint256, numberToHex, parseSignature } from 'viem'
import type { Action } from './actions.ts'
import { Codec, jobView, lowerCase, marketArguments, personView, wholeView } from './codec.ts'
import type { Address } from './terms.ts'
import type { MarketEvent, RuleSet } from './types.ts'
import type { RulesView, View } from './view.ts'

/** How a call ended: with a named error, or with events. */
export interface Outcome {
  error: string | undefined
  events: MarketEvent[]
}

/** The same on every run, so that a seed repeats everything. */
export const GENESIS = Date.UTC(2030, 0, 1) / 1_000

const GAS = numberToHex(10_000_000)
/** All of a block, for what takes more: reading everything, and deployments with the probes of coverage. */
const MOST_GAS = numberToHex(60_000_000)

type Provider = { request(call: { method: string; params?: unknown[] }): Promise<unknown> }

interface Fields {
  chainId: number
  /** Accounts that the chain signs for. */
  people: Address[]
  /** Base units of the token in one unit. */
  unit: bigint
  contracts: { token: Address; hooks: Address[]; market: Address; lens: Address }
  close: () => Promise<void>
}

/** The market deployed with its token, two scripted hooks and the lens that reads it. */
export class MarketChain implements Fields {
  readonly chainId: number
  readonly people: Address[]
  readonly unit: bigint
  readonly contracts: Fields['contracts']
  readonly close: () => Promise<void>
  readonly #provider: Provider
  readonly #codec: Codec

  private constructor(fields: Fields, provider: Provider, codec: Codec) {
    this.chainId = fields.chainId
    this.people = fields.people
    this.unit = fields.unit
    this.contracts = fields.contracts
    this.close = fields.close
    this.#provider = provider
    this.#codec = codec
  }

  /**
   * Deploys on a chain of its own.
   * @param decimals - Decimals of the token, at least 6.
   * @param people - How many accounts to use, each with `supply` units of the token.
   * @param owner - The number of the account that governs; `feeRecipient` likewise.
   * @param rules - The first rules, given the scripted hooks.
   */
  static async deploy(options: {
    decimals: number
    people: number
    supply: bigint
    owner: number
    feeRecipient: number
    rules: (hooks: readonly Address[], people: readonly Address[]) => RuleSet
  }): Promise<MarketChain> {
    const override = {
      allowBlocksWithSameTimestamp: true,
      initialBaseFeePerGas: 0,
      initialDate: new Date(GENESIS * 1_000),
    }
    const connection = await hre.network.create({ override })
    const provider: Provider = connection.provider
    const codec = await Codec.fromArtifacts()
    const accounts = (await provider.request({ method: 'eth_accounts' })) as Address[]
    const people = accounts.slice(0, options.people)
    const deployer = people[0]!
    const deploy = async (name: Parameters<Codec['deployment']>[0], args: unknown[] = []) => {
      const data = codec.deployment(name, args)
      const { contractAddress } = await send(provider, { from: deployer, data, gas: MOST_GAS })
      return lowerCase(contractAddress)
    }
    const unit = 10n ** BigInt(options.decimals - 6)
    const share = options.supply * unit
    const token = await deploy('OddTokenMock', [options.decimals, deployer, share * BigInt(people.length)])
    for (const person of people.slice(1)) {
      const data = codec.call('OddTokenMock', 'transfer', [person, share])
      await send(provider, { from: deployer, to: token, data })
    }
    const hooks = [await deploy('ScriptedHook'), await deploy('ScriptedHook')]
    const { hooks: levels, ...parameters } = options.rules(hooks, people)
    const [owner, feeRecipient] = [people[options.owner], people[options.feeRecipient]]
    const market = await deploy('JobMarket', [token, owner, feeRecipient, parameters, levels])
    const contracts = { token, hooks, market, lens: await deploy('MarketLens') }
    const chainId = Number(await provider.request({ method: 'eth_chainId' }))
    return new MarketChain(
      { chainId, people, unit, contracts, close: () => connection.close() },
      provider,
      codec,
    )
  }

  /** Makes the call in a block of its own, of the action's time. */
  async perform(action: Action): Promise<Outcome> {
    const call = await this.#callOf(action)
    await this.#provider.request({ method: 'evm_setNextBlockTimestamp', params: [action.at] })
    try {
      const { logs } = await send(this.#provider, call)
      return { error: undefined, events: this.#codec.events(logs, this.contracts.market) }
    } catch (error) {
      return { error: this.#codec.errorName(error), events: [] }
    }
  }

  /** Everything about these accounts and jobs, now. */
  async look(people: readonly Address[], jobs: readonly Hex[]): Promise<View> {
    type Words = Record<string, unknown>
    const answer = await this.#read('look', [this.contracts.market, people, jobs])
    const [whole, seenPeople, seenJobs] = answer as [Words, Words[], Words[]]
    return {
      whole: wholeView(whole),
      people: new Map(seenPeople.map((words, i) => [people[i]!, personView(words)])),
      jobs: new Map(seenJobs.map((words, i) => [jobs[i]!, jobView(words)])),
    }
  }

  /** Every set of rules, with the hooks of the first `levels` levels. */
  async rules(levels: number): Promise<RulesView[]> {
    const answer = await this.#read('rules', [this.contracts.market, levels])
    const [sets, hooks] = answer as [RulesView['set'][], Address[][]]
    return sets.map((set, i) => ({ set, hooks: hooks[i]! }))
  }

  /** What a claim by `provider` would get and lock now, or the error that it would end with. */
  async quoteClaim(id: Hex, provider: Address): Promise<{ price: bigint; bond: bigint } | string> {
    const data = this.#codec.call('JobMarket', 'quoteClaim', [id, provider])
    try {
      const answer = this.#codec.result(
        'JobMarket',
        'quoteClaim',
        await this.#call(this.contracts.market, data),
      )
      const [price, bond] = answer as [bigint, bigint]
      return { price, bond }
    } catch (error) {
      return this.#codec.errorName(error)
    }
  }

  /** Remembers the chain as it is, for {@link revert}. */
  snapshot(): Promise<unknown> {
    return this.#provider.request({ method: 'evm_snapshot' })
  }

  async revert(snapshot: unknown): Promise<void> {
    await this.#provider.request({ method: 'evm_revert', params: [snapshot] })
  }

  /** The transaction that the action stands for; anyone can have a scripted hook make a call. */
  async #callOf(action: Action): Promise<{ from: Address; to: Address; data: Hex }> {
    const { token, market, hooks } = this.contracts
    const { from } = action
    switch (action.call) {
      case 'gift':
        return {
          from,
          to: token,
          data: this.#codec.call('OddTokenMock', 'transfer', [market, action.args[0]]),
        }
      case 'approve':
        return {
          from,
          to: token,
          data: this.#codec.call('OddTokenMock', 'approve', [market, action.args[0]]),
        }
      case 'decide':
        return {
          from: this.people[0]!,
          to: from,
          data: this.#codec.call('ScriptedHook', 'decide', action.args),
        }
    }
    const args =
      action.call === 'depositWithPermit'
        ? await this.#permitted(from, ...action.args)
        : marketArguments(action)
    const data = this.#codec.call('JobMarket', action.call, args)
    if (!hooks.includes(from)) return { from, to: market, data }
    return {
      from: this.people[0]!,
      to: from,
      data: this.#codec.call('ScriptedHook', 'forward', [market, data]),
    }
  }

  /** The arguments of a deposit with a permit for its amount, or for one more if it shall be no good. */
  async #permitted(owner: Address, amount: bigint, good: boolean): Promise<unknown[]> {
    const data = await this.#call(this.contracts.token, this.#codec.call('OddTokenMock', 'nonces', [owner]))
    const message = {
      owner,
      spender: this.contracts.market,
      value: `${BigInt.asUintN(256, amount * this.unit + (good ? 0n : 1n))}`,
      nonce: `${this.#codec.result('OddTokenMock', 'nonces', data)}`,
      deadline: `${maxUint256}`,
    }
    const domain = {
      name: 'Odd',
      version: '1',
      chainId: this.chainId,
      verifyingContract: this.contracts.token,
    }
    const typed = { domain, types: permitTypes, primaryType: 'Permit', message }
    const signed = await this.#provider.request({ method: 'eth_signTypedData_v4', params: [owner, typed] })
    const { r, s, yParity } = parseSignature(signed as Hex)
    return [amount, maxUint256, yParity + 27, r, s]
  }

  async #call(to: Address, data: Hex): Promise<Hex> {
    const params = [{ to, data, gas: MOST_GAS }, 'latest']
    return (await this.#provider.request({ method: 'eth_call', params })) as Hex
  }

  async #read(functionName: string, args: unknown[]): Promise<unknown> {
    const data = await this.#call(this.contracts.lens, this.#codec.call('MarketLens', functionName, args))
    return this.#codec.result('MarketLens', functionName, data)
  }
}

const permitTypes = {
  EIP712Domain: [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' },
    { name: 'verifyingContract', type: 'address' },
  ],
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
}

/** Sends and reads the receipt: the block is mined at once. */
async function send(
  provider: Provider,
  call: { from: Address; to?: Address; data: Hex; gas?: Hex },
): Promise<{ logs: Log[]; contractAddress: Address }> {
  const params = [{ gas: GAS, ...call, gasPrice: '0x0' }]
  const hash = await provider.request({ method: 'eth_sendTransaction', params })
  const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  return receipt as { logs: Log[]; contractAddress: Address }
}

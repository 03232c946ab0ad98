/** The contracts on an in-process chain, driven and read as fast as it goes: one request per call, no polling. */
import hre from 'hardhat'
import { type Hex, type Log, maxUint256, numberToHex, parseSignature, zeroAddress, zeroHash } from 'viem'
import { openChallenge } from '../../sdk/src/actions/openChallenge.ts'
import { gameIdOf } from '../../sdk/src/dispute/ids.ts'
import type { Action } from './actions.ts'
import {
  Codec,
  groupView,
  jobView,
  lowerCase,
  marketArguments,
  type Name,
  personView,
  seatView,
  wholeView,
} from './codec.ts'
import { gameRules, type Position } from './disputes.ts'
import { Inquiry } from './inquiry.ts'
import { agreementOf, type Signable, signable } from './signing.ts'
import { type Address, packTerms } from './terms.ts'
import type { MarketEvent, RuleSet } from './types.ts'
import type { DisputeView, Facts, GameView, RulesView, Subjects, View } from './view.ts'

/** How a call ended: with a named error, or with events. */
export interface Outcome {
  error: string | undefined
  events: MarketEvent[]
  /** Whether the token told of anything: it does whenever a wallet changes. */
  movedTokens: boolean
}

/** The same on every run, so that a seed repeats everything. */
export const GENESIS = Date.UTC(2030, 0, 1) / 1_000

const GAS = numberToHex(16_000_000)
/** All of a block, for what takes more: reading everything, and deployments with the probes of coverage. */
const MOST_GAS = numberToHex(60_000_000)

/** The code of an account that has delegated to an address without code: calls of it do nothing. */
const DELEGATION = `0xef0100${'00'.repeat(18)}de1e`

type Provider = { request(call: { method: string; params?: unknown[] }): Promise<unknown> }

/**
 * Who decides jobs: contracts that say what they are told to, people whose account has code (EIP-7702), the dispute game and
 * the contracts of the levels Attested and Replicated.
 */
export interface Hooks {
  scripted: Address[]
  players: Address[]
  /** The dispute game. */
  game: Address
  attestation: Address
  replication: Address
}

interface Contracts extends Hooks {
  token: Address
  timelock: Address
  market: Address
  lens: Address
}

interface Fields {
  chainId: number
  /** Accounts that the chain signs for. */
  people: Address[]
  /** Base units of the token in one unit. */
  unit: bigint
  contracts: Contracts
  close: () => Promise<void>
}

/** The market deployed with its token, its timelock, its hooks and the lens that reads it. */
export class MarketChain implements Fields {
  readonly chainId: number
  readonly people: Address[]
  readonly unit: bigint
  readonly contracts: Fields['contracts']
  readonly close: () => Promise<void>
  readonly #provider: Provider
  readonly #codec: Codec
  readonly #emitters: ReadonlyMap<Address, Name>

  private constructor(fields: Fields, provider: Provider, codec: Codec) {
    this.chainId = fields.chainId
    this.people = fields.people
    this.unit = fields.unit
    this.contracts = fields.contracts
    this.close = fields.close
    this.#provider = provider
    this.#codec = codec
    const { market, game, attestation, replication } = fields.contracts
    this.#emitters = new Map([
      [market, 'JobMarket'],
      [game, 'DisputeGame'],
      [attestation, 'Attestation'],
      [replication, 'Replication'],
    ])
  }

  /**
   * Deploys on a chain of its own.
   * @param decimals - Decimals of the token, at least 6.
   * @param people - How many accounts to use, each with `supply` units of the token.
   * @param guardian - The number of the account that may stop posting; `feeRecipient` likewise.
   * @param rules - The first rules, given the hooks.
   */
  static async deploy(options: {
    decimals: number
    people: number
    supply: bigint
    guardian: number
    feeRecipient: number
    rules: (hooks: Hooks) => RuleSet
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
    let time = GENESIS
    const transact = async (call: Parameters<typeof send>[1]) => {
      await provider.request({ method: 'evm_setNextBlockTimestamp', params: [++time] })
      return send(provider, call)
    }
    const deploy = async (name: Name, args: unknown[] = [], library = '') => {
      const data = codec.deployment(name, args, library)
      const { contractAddress } = await transact({ from: deployer, data, gas: MOST_GAS })
      return lowerCase(contractAddress)
    }
    const unit = 10n ** BigInt(options.decimals - 6)
    const share = options.supply * unit
    const token = await deploy('OddTokenMock', [options.decimals, deployer, share * BigInt(people.length)])
    for (const person of people.slice(1)) {
      const data = codec.call('OddTokenMock', 'transfer', [person, share])
      await transact({ from: deployer, to: token, data })
    }
    const scripted = [await deploy('ScriptedHook'), await deploy('ScriptedHook')]
    const [attestation, replication] = [await deploy('Attestation'), await deploy('Replication')]
    const { moveFee, turnFloor, stepsPerSecond } = gameRules
    // no game comes to a step here, so nobody judges one
    const game = await deploy('DisputeGame', [zeroAddress, moveFee, turnFloor, stepsPerSecond])
    const players = people.filter((_, i) => i === 2 || i === 8)
    for (const player of players) {
      await provider.request({ method: 'hardhat_setCode', params: [player, DELEGATION] })
    }
    const hooks = { scripted, players, game, attestation, replication }
    const { levels, ...parameters } = options.rules(hooks)
    const [guardian, feeRecipient] = [people[options.guardian], people[options.feeRecipient]]
    const timelock = await deploy('TimelockController', [0, [deployer], [deployer], zeroAddress])
    const parties = [token, timelock, guardian, feeRecipient]
    const store = await deploy('ParameterStore')
    const market = await deploy('JobMarket', [...parties, parameters, levels], store)
    const contracts = { token, timelock, market, ...hooks, lens: await deploy('MarketLens') }
    // people, too, as the chain need not sign and recover what it knows
    for (const sender of [...people, timelock, ...scripted]) {
      await provider.request({ method: 'hardhat_impersonateAccount', params: [sender] })
    }
    const chainId = Number(await provider.request({ method: 'eth_chainId' }))
    return new MarketChain(
      { chainId, people, unit, contracts, close: () => connection.close() },
      provider,
      codec,
    )
  }

  /** Makes the call in a block of its own, of the action's time. */
  async perform(action: Action): Promise<Outcome> {
    if (action.call === 'mine') {
      await this.#provider.request({ method: 'evm_setNextBlockTimestamp', params: [action.at] })
      await this.#provider.request({ method: 'hardhat_mine', params: [numberToHex(action.args[0]), '0x0'] })
    }
    const call = await this.#callOf(action)
    await this.#provider.request({ method: 'evm_setNextBlockTimestamp', params: [action.at] })
    try {
      const { logs } = await send(this.#provider, call)
      const movedTokens = logs.some(({ address }) => address === this.contracts.token)
      return { error: undefined, events: this.#codec.events(logs, this.#emitters), movedTokens }
    } catch (error) {
      return { error: this.#codec.errorName(error), events: [], movedTokens: false }
    }
  }

  /** Everything about these accounts, wallets, jobs, seats and groups, now. */
  async look({ people, wallets, jobs, seats, groups, viewer }: Subjects): Promise<View> {
    type Words = Record<string, unknown>
    const { market } = this.contracts
    const inquiry = this.#inquiry()
    const ask = (...question: Parameters<Inquiry['ask']>) => inquiry.ask(...question) as () => Words
    const reserve = inquiry.ask('JobMarket', 'reserve')
    const tokens = inquiry.ask('OddTokenMock', 'balanceOf', market)
    const feeRecipient = inquiry.ask('JobMarket', 'feeRecipient')
    const current = ask('JobMarket', 'currentParameters')
    const seenPeople = people.map((person) => {
      const account = ask('JobMarket', 'accountOf', person)
      const provider = ask('JobMarket', 'providerOf', person)
      return () => personView({ ...account(), ...provider() })
    })
    const seenWallets = wallets.map((person) => {
      const tokens = inquiry.ask('OddTokenMock', 'balanceOf', person)
      const allowance = inquiry.ask('OddTokenMock', 'allowance', person, market)
      return () => ({ tokens: tokens() as bigint, allowance: allowance() as bigint })
    })
    const seenJobs = jobs.map((id) => ask('JobMarket', 'getJob', id))
    const seenSeats = seats.map((id) => ask('Replication', 'seatOf', market, id))
    const seenGroups = groups.map((id) => {
      const group = ask('Replication', 'groupOf', id)
      const jobIds = inquiry.ask('Replication', 'jobsOf', id)
      const isDrawn = inquiry.ask('Replication', 'isDrawn', id, viewer)
      return () => groupView({ ...group(), jobIds: jobIds(), isDrawn: isDrawn() })
    })
    const { time, block } = await this.#answer(inquiry)
    const { id: parametersId, paused } = current()
    const parties = { feeRecipient: feeRecipient(), parametersId, paused }
    return {
      whole: wholeView({ time, block, reserve: reserve(), tokens: tokens(), ...parties }),
      people: new Map(seenPeople.map((person, i) => [people[i]!, person()])),
      wallets: new Map(seenWallets.map((wallet, i) => [wallets[i]!, wallet()])),
      jobs: new Map(seenJobs.map((words, i) => [jobs[i]!, jobView(words())])),
      seats: new Map(seenSeats.map((words, i) => [seats[i]!, seatView(words())])),
      groups: new Map(seenGroups.map((group, i) => [groups[i]!, group()])),
    }
  }

  /** The first `count` sets of rules, each with as many `levels`. */
  async rules(count: number, levels: number): Promise<RulesView[]> {
    const inquiry = this.#inquiry()
    const sets = Array.from({ length: count }, (_, id) => ({
      set: inquiry.ask('JobMarket', 'parametersOf', id),
      levels: Array.from({ length: levels }, (_, level) => inquiry.ask('JobMarket', 'levelOf', id, level)),
    }))
    await this.#answer(inquiry)
    return sets.map(({ set, levels }) => ({
      set: set() as RulesView['set'],
      levels: levels.map((level) => level() as RulesView['levels'][number]),
    }))
  }

  /** Who governs, and who registered when. */
  async facts(people: readonly Address[]): Promise<Facts> {
    const inquiry = this.#inquiry()
    const guardian = inquiry.ask('JobMarket', 'guardian')
    const times = people.map((person) => inquiry.ask('JobMarket', 'registeredAt', person))
    await this.#answer(inquiry)
    return { guardian: guardian() as Address, registeredAt: times.map((time) => Number(time())) }
  }

  /** Which of 256 nonces of a signer no longer count. */
  async spentNonces(signer: Address, index: bigint): Promise<bigint> {
    return (await this.#ask('JobMarket', 'spentNonces', [signer, index])) as bigint
  }

  /** What the game keeps of a claim, and of the games of these challengers about it. */
  async dispute(id: Hex, challengers: readonly Address[]): Promise<DisputeView> {
    const { market } = this.contracts
    const inquiry = this.#inquiry()
    const claim = inquiry.ask('DisputeGame', 'claimOf', market, id)
    const games = challengers.map((challenger) =>
      inquiry.ask('DisputeGame', 'gameOf', gameIdOf({ market, jobId: id, challenger })),
    )
    await this.#answer(inquiry)
    return { claim: claim() as DisputeView['claim'], games: games.map((game) => game() as GameView) }
  }

  async blockNumber(): Promise<bigint> {
    return BigInt((await this.#provider.request({ method: 'eth_blockNumber' })) as Hex)
  }

  async blockHash(number: bigint): Promise<Hex> {
    const params = [numberToHex(number), false]
    const block = await this.#provider.request({ method: 'eth_getBlockByNumber', params })
    return (block as { hash: Hex }).hash
  }

  /** What a claim by `provider` would get and lock now, or the error that it would end with. */
  async quoteClaim(id: Hex, provider: Address): Promise<unknown> {
    const inquiry = this.#inquiry()
    const quote = inquiry.ask('JobMarket', 'quoteClaim', id, provider)
    await this.#answer(inquiry)
    return quote()
  }

  /** Remembers the chain as it is, for {@link revert}. */
  snapshot(): Promise<unknown> {
    return this.#provider.request({ method: 'evm_snapshot' })
  }

  async revert(snapshot: unknown): Promise<void> {
    await this.#provider.request({ method: 'evm_revert', params: [snapshot] })
  }

  /** The transaction that the action stands for. */
  async #callOf(action: Action): Promise<{ from: Address; to: Address; data: Hex }> {
    const { token, market, game, attestation, replication } = this.contracts
    const { from } = action
    const to = (address: Address, name: Name, functionName: string, args: readonly unknown[]) => {
      return { from, to: address, data: this.#codec.call(name, functionName, args) }
    }
    switch (action.call) {
      case 'gift':
        return to(token, 'OddTokenMock', 'transfer', [market, action.args[0]])
      case 'mine':
        return to(token, 'OddTokenMock', 'transfer', [market, 0n])
      case 'approve':
        return to(token, 'OddTokenMock', 'approve', [market, action.args[0]])
      case 'decide':
        return { ...to(from, 'ScriptedHook', 'decide', action.args), from: this.people[0]! }
      case 'depositWithPermit':
        return to(market, 'JobMarket', action.call, await this.#permitted(from, ...action.args))
      case 'claimSigned':
      case 'acceptOffer': {
        const [signer, isOpen, terms, signedFor] = action.args
        const type = action.call === 'claimSigned' ? 'JobRequest' : 'JobOffer'
        const message = agreementOf(type, signer, terms, signedFor)
        const signature = await this.#sign(signer, 'Assay', market, type, message)
        return to(market, 'JobMarket', action.call, [signer, isOpen, packTerms(terms), signature])
      }
      case 'attest': {
        const [requester, terms, attesters, index, result] = action.args
        const id = await this.#ask('JobMarket', 'jobIdOf', [requester, packTerms(terms)])
        const message = { market, jobId: id, resultCommitment: result }
        const domain = ['Assay Attestation', attestation] as const
        const signature = await this.#sign(attesters[index], ...domain, 'Attestation', message)
        const args = [market, requester, packTerms(terms), attesters, index, signature]
        return to(attestation, 'Attestation', 'attest', args)
      }
      case 'openGame': {
        const [requester, terms, bond, resultRoot, totalSteps] = action.args
        const opening = { requester, terms: packTerms(terms), resultRoot, totalSteps }
        const { functionName, args } = openChallenge.call({ market, game, bond, ...opening })
        return to(market, 'JobMarket', functionName, args)
      }
      case 'postNode': {
        const [challenger, position, data] = action.args
        return to(game, 'DisputeGame', 'post', [gameOf(challenger, position), position, data])
      }
      case 'descend': {
        const [position, postedAt, { steps: sum, ...node }] = action.args
        return to(game, 'DisputeGame', 'descend', [position, { root: zeroHash, postedAt }, { ...node, sum }])
      }
      case 'timeOut': {
        const [challenger, position, postedAt] = action.args
        const args = [gameOf(challenger, position), position, { root: zeroHash, postedAt }]
        return to(game, 'DisputeGame', 'timeOut', args)
      }
      case 'collect': {
        const [challenger, position] = action.args
        return to(game, 'DisputeGame', 'collect', [gameOf(challenger, position), position])
      }
      case 'commit':
      case 'reveal':
        return to(replication, 'Replication', action.call, [market, ...action.args])
      case 'cancelGroup':
      case 'captureSeed':
      case 'resolve':
        return to(replication, 'Replication', action.call, action.args)
      default:
        return to(market, 'JobMarket', action.call, marketArguments(action))
    }
  }

  /** A signature of `signer`, or of somebody else where the chain cannot sign for it. */
  async #sign(
    signer: Address | undefined,
    name: string,
    verifyingContract: Address,
    primaryType: Signable['primaryType'],
    message: Record<string, unknown>,
  ): Promise<Hex> {
    const by = this.people.find((person) => person === signer) ?? this.people[0]
    const data = signable({ name, chainId: this.chainId, verifyingContract }, primaryType, message)
    return (await this.#provider.request({ method: 'eth_signTypedData_v4', params: [by, data] })) as Hex
  }

  /** The arguments of a deposit with a permit for its amount, or for one more if it shall be no good. */
  async #permitted(owner: Address, amount: bigint, good: boolean): Promise<unknown[]> {
    const message = {
      owner,
      spender: this.contracts.market,
      value: `${BigInt.asUintN(256, amount * this.unit + (good ? 0n : 1n))}`,
      nonce: `${await this.#ask('OddTokenMock', 'nonces', [owner])}`,
      deadline: `${maxUint256}`,
    }
    const signed = await this.#sign(owner, 'Odd', this.contracts.token, 'Permit', message)
    const { r, s, yParity } = parseSignature(signed)
    return [amount, maxUint256, yParity + 27, r, s]
  }

  async #call(to: Address, data: Hex): Promise<Hex> {
    const params = [{ to, data, gas: MOST_GAS }, 'latest']
    return (await this.#provider.request({ method: 'eth_call', params })) as Hex
  }

  #inquiry(): Inquiry {
    const { market, token, game, replication } = this.contracts
    return new Inquiry(this.#codec, {
      ...{ JobMarket: market, OddTokenMock: token, DisputeGame: game, Replication: replication },
    })
  }

  async #answer(inquiry: Inquiry): Promise<Inquiry> {
    for (const data of inquiry.calldata) inquiry.answer(await this.#call(this.contracts.lens, data))
    return inquiry
  }

  async #ask(name: 'JobMarket' | 'OddTokenMock', functionName: string, args: unknown[]): Promise<unknown> {
    const { market, token } = this.contracts
    const address = name === 'JobMarket' ? market : token
    const data = await this.#call(address, this.#codec.call(name, functionName, args))
    return this.#codec.result(name, functionName, data)
  }
}

function gameOf(challenger: Address, { claim }: Position): Hex {
  return gameIdOf({ ...claim, challenger })
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

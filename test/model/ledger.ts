import { type Hex, zeroAddress, zeroHash } from 'viem'
import { CAPACITY, checkEndpoint } from './bounds.ts'
import * as formulas from './formulas.ts'
import type { Address, Resources } from './terms.ts'
import { type Account, type MarketEvent, need, type Provider } from './types.ts'

/** Who is a party to the market, and where it lives. */
export interface Deployment {
  chainId: number
  address: Address
  /** Changes the rules and who gets the fees. */
  timelock: Address
  /** May stop new jobs, and nothing else. */
  guardian: Address
  feeRecipient: Address
  /** The dispute game, and the hooks of the levels Attested and Replicated. */
  game: Address
  attestation: Address
  replication: Address
  /** Contracts that take a transfer with data. */
  receivers: readonly Address[]
  /** Base units of the token in one unit. */
  unit: bigint
}

/** The money of the market: who has put in how much, and what each provider declares, owes and is worth. */
export abstract class Ledger {
  now = 0
  /** What debited bonds leave to nobody, and what was transferred to it. No call spends it. */
  reserve = 0n
  feeRecipient: Address
  guardian: Address
  readonly accounts = new Map<Address, Account>()
  readonly providers = new Map<Address, Provider>()
  /** The token outside the market, in base units: who has how much, and how much of it the market may take. */
  readonly wallets = new Map<Address, { tokens: bigint; allowance: bigint }>()
  /** What happened, in order; the reader empties it. */
  events: MarketEvent[] = []
  readonly chainId: number
  readonly address: Address
  readonly timelock: Address
  readonly game: Address
  readonly attestation: Address
  readonly replication: Address
  readonly receivers: readonly Address[]
  readonly unit: bigint

  constructor(deployment: Deployment) {
    this.chainId = deployment.chainId
    this.address = deployment.address
    this.timelock = deployment.timelock
    this.guardian = deployment.guardian
    this.feeRecipient = deployment.feeRecipient
    this.game = deployment.game
    this.attestation = deployment.attestation
    this.replication = deployment.replication
    this.receivers = deployment.receivers
    this.unit = deployment.unit
  }

  // Money in and out

  deposit(from: Address, amount: bigint): void {
    const wallet = this.wallet(from)
    need(amount !== 0n, 'LedgerZeroAmount')
    need(this.held + amount <= CAPACITY, 'LedgerCapacityExceeded')
    need(wallet.allowance >= amount * this.unit, 'ERC20InsufficientAllowance')
    need(wallet.tokens >= amount * this.unit, 'ERC20InsufficientBalance')
    if (wallet.allowance !== 2n ** 256n - 1n) wallet.allowance -= amount * this.unit
    wallet.tokens -= amount * this.unit
    this.wallet(this.address).tokens += amount * this.unit
    this.account(from).balance += amount
    this.emit('Deposited', { account: from, amount })
  }

  /** A good permit sets the allowance to exactly the amount; one that is no good is ignored, and the allowance decides. */
  depositWithPermit(from: Address, amount: bigint, good: boolean): void {
    const wallet = this.wallet(from)
    const before = wallet.allowance
    if (good) wallet.allowance = amount * this.unit
    try {
      this.deposit(from, amount)
    } catch (error) {
      wallet.allowance = before
      throw error
    }
  }

  withdraw(from: Address, to: Address, amount: bigint): void {
    need(amount !== 0n, 'LedgerZeroAmount')
    need(to !== zeroAddress && to !== this.address, 'LedgerInvalidRecipient')
    this.debit(from, amount)
    this.wallet(this.address).tokens -= amount * this.unit
    this.wallet(to).tokens += amount * this.unit
    this.emit('Withdrawn', { account: from, to, amount })
  }

  /** From balance to balance, or to the reserve; with data the receiver hears of it, and may refuse. */
  transfer(from: Address, to: Address, amount: bigint, data: Hex): void {
    const send = this.sending(from, to, amount)
    const tell = data === '0x' ? nothing : this.transferReceived(to, data)
    send()
    tell()
  }

  /** Refuses a transfer, or returns what moves it. */
  protected sending(from: Address, to: Address, amount: bigint): () => void {
    need(amount !== 0n, 'LedgerZeroAmount')
    need(to !== zeroAddress, 'LedgerInvalidRecipient')
    need(this.account(from).balance >= amount, 'AccountInsufficientBalance')
    return () => {
      this.debit(from, amount)
      if (to === this.address) this.reserve += amount
      else this.account(to).balance += amount
      this.emit('Transferred', { from, to, amount })
    }
  }

  /** A receiver is told of a transfer: it refuses, or says what it does then. */
  protected abstract transferReceived(to: Address, data: Hex): () => void

  stake(from: Address, amount: bigint): void {
    this.debit(from, amount)
    this.account(from).stake += amount
    this.emit('Staked', { provider: from, amount })
  }

  /** At once: a bond stays locked until its job is final, so what is free may go. */
  unstake(from: Address, amount: bigint): void {
    const account = this.account(from)
    need(account.stake - account.locked >= amount, 'AccountInsufficientStake')
    account.stake -= amount
    account.balance += amount
    this.emit('Unstaked', { provider: from, amount })
  }

  /** Anyone may move the fees that providers owe to the recipient's balance. */
  collectFees(_from: Address, providers: readonly Address[]): void {
    const owes = (address: Address) => this.provider(address).feeOwed > 0n
    need(providers.some(owes), 'LedgerNothingToCollect')
    for (const address of providers.filter(owes)) {
      const provider = this.provider(address)
      this.account(this.feeRecipient).balance += provider.feeOwed
      this.emit('FeesCollected', {
        provider: address,
        recipient: this.feeRecipient,
        amount: provider.feeOwed,
      })
      provider.feeOwed = 0n
    }
  }

  setFeeRecipient(from: Address, recipient: Address): void {
    need(from === this.timelock, 'GovernedNotTimelock')
    need(recipient !== zeroAddress && recipient !== this.address, 'LedgerInvalidRecipient')
    this.feeRecipient = recipient
    this.emit('FeeRecipientChanged', { recipient })
  }

  // Providers

  /** Replaces all that the provider declared; what it has earned stays. */
  updateProvider(
    from: Address,
    resources: Resources,
    concurrency: number,
    endpoint: string,
    encryptionKey: Hex,
  ): void {
    checkEndpoint(endpoint)
    const provider = this.provider(from)
    Object.assign(provider, { resources, concurrency, endpoint, encryptionKey })
    provider.registeredAt ||= this.now
    this.emit('ProviderUpdated', { provider: from, resources, concurrency, endpoint, encryptionKey })
  }

  reputationOf(address: Address): bigint {
    const { reputation, reputationAt } = this.provider(address)
    return formulas.decayed(reputation, reputationAt, this.now)
  }

  /** The fee of a settled job stays with the provider until collected; it is what reputation is made of. */
  protected recordFee(address: Address, fee: bigint): void {
    const reputation = formulas.min(this.reputationOf(address) + fee, CAPACITY)
    Object.assign(this.provider(address), { reputation, reputationAt: this.now })
    this.provider(address).feeOwed += fee
  }

  protected recordFault(address: Address, fraud: boolean): void {
    const reputation = formulas.afterFault(this.reputationOf(address), fraud)
    const faults = Math.min(this.provider(address).faults + 1, 2 ** 16 - 1)
    Object.assign(this.provider(address), { reputation, reputationAt: this.now, faults })
  }

  // What happens beside the market

  /** Tokens that nobody deposited belong to nobody in it. */
  gift(from: Address, amount: bigint): void {
    need(this.wallet(from).tokens >= amount, 'ERC20InsufficientBalance')
    this.wallet(from).tokens -= amount
    this.wallet(this.address).tokens += amount
  }

  approve(from: Address, amount: bigint): void {
    this.wallet(from).allowance = amount
  }

  // Who has what; nothing, for somebody new

  account(address: Address): Account {
    return entry(this.accounts, address, { balance: 0n, stake: 0n, locked: 0n, active: 0 })
  }

  provider(address: Address): Provider {
    return entry(this.providers, address, {
      ...{
        resources: { cores: 0, memory: 0, disk: 0 },
        concurrency: 0,
        endpoint: '',
        encryptionKey: zeroHash,
      },
      ...{ registeredAt: 0, faults: 0, reputation: 0n, reputationAt: 0, feeOwed: 0n },
    })
  }

  wallet(address: Address): { tokens: bigint; allowance: bigint } {
    return entry(this.wallets, address, { tokens: 0n, allowance: 0n })
  }

  /** Whole units that the market has the tokens for, whoever sent them. */
  get held(): bigint {
    return this.wallet(this.address).tokens / this.unit
  }

  protected freeStake(address: Address): bigint {
    const { stake, locked } = this.account(address)
    return stake - locked
  }

  protected debit(from: Address, amount: bigint): void {
    need(this.account(from).balance >= amount, 'AccountInsufficientBalance')
    this.account(from).balance -= amount
  }

  protected emit(name: string, values: Record<string, unknown>): void {
    this.events.push({ name, ...values })
  }
}

const nothing = () => {}

function entry<K, V>(map: Map<K, V>, key: K, initial: V): V {
  const found = map.get(key) ?? initial
  map.set(key, found)
  return found
}

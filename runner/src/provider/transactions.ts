import {
  type ContractCall,
  decodeContractError,
  InsufficientGasFundsError,
  isNonceTaken,
  isRetryable,
  TransactionRevertedError,
} from 'assay'
import {
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { factsOf, messageOf, TransactionRefusedError } from '../errors.ts'
import { pause } from './chain.ts'
import type { ProviderContext } from './context.ts'
import type { SentTransaction } from './journal.ts'

/** Room for a storage word that is cleared between the estimate and the block. */
const GAS_MARGIN = { numerator: 5n, denominator: 4n }
/** The base fee may double before the block comes; what is not needed is not paid. */
const FEE_MARGIN = 2n
/** How often a transaction is signed anew because another took its nonce. */
const ATTEMPTS = 5

/** A transaction that a node has forgotten is sent again after this long. */
const LOST_AFTER_MS = 5_000

type Context = Pick<ProviderContext, 'client' | 'journal' | 'log' | 'signal'>

/**
 * Sends the provider's transactions, each step's exactly once: what was signed is in the journal before it is sent, so a
 * lost answer, a crash or a node that forgets leads to the same bytes being sent again, never to a second transaction for
 * the same step while the first may still be mined.
 */
export class Transactions {
  readonly #context: Context
  readonly #account: LocalAccount
  readonly #pollingInterval: number
  #turn: Promise<unknown> = Promise.resolve()

  constructor(context: Context, account: LocalAccount, pollingInterval: number) {
    this.#context = context
    this.#account = account
    this.#pollingInterval = pollingInterval
  }

  /**
   * The receipt of the transaction for `key`: of the one that is on its way, or of `call`, sent now.
   *
   * @param key names the step: the same step always has the same key, and only one of its calls can succeed
   * @throws the contract's error where the call would revert; TransactionRevertedError; InsufficientGasFundsError;
   * TransactionRefusedError; retryable errors of the node, after which the same call goes on where it was
   */
  async send(key: string, call: ContractCall): Promise<TransactionReceipt> {
    const { journal } = this.#context
    for (let attempt = 1; ; attempt++) {
      const known = () => journal.transaction(key)
      const earlier = known()
      const sent = earlier ?? (await this.#inTurn(async () => known() ?? this.#dispatch(key, call, attempt)))
      const receipt = sent === null ? null : await this.#confirm(sent, earlier === null ? LOST_AFTER_MS : 0)
      if (receipt === null) continue
      if (receipt.status === 'success') return receipt
      throw new TransactionRevertedError({
        hash: receipt.transactionHash,
        blockNumber: receipt.blockNumber,
        functionName: call.functionName,
        cause: await this.#revertReason(call),
      })
    }
  }

  /** Sends what the journal has again, where the node does not know it any more; forgets what cannot be mined. */
  async resume(): Promise<void> {
    for (const sent of this.#context.journal.transactions()) {
      if ((await this.#receipt(sent)) === null) await this.#sendAgain(sent)
    }
  }

  async #sendAgain(sent: SentTransaction): Promise<void> {
    const { journal, log } = this.#context
    const { key, hash, nonce } = sent
    await this.#inTurn(async () => {
      if (await this.#isKnown(sent)) return
      try {
        await this.#broadcast(sent)
        log.info({ event: 'sent-again', key, hash, nonce }, 'sent an earlier transaction again')
      } catch (error) {
        if (isRetryable(error)) throw error
        log.warn({ event: 'dropped', key, hash, nonce, ...factsOf(error) }, 'an earlier transaction is void')
        journal.dropTransaction(sent)
      }
    })
  }

  /** Signs, records and sends; null where another transaction took the nonce. */
  async #dispatch(key: string, call: ContractCall, attempt: number): Promise<SentTransaction | null> {
    const { journal, log, signal } = this.#context
    const sent = { key, ...(await this.#sign(call)) }
    journal.putTransaction(sent)
    try {
      await this.#broadcast(sent)
      return sent
    } catch (error) {
      // Nobody knows whether it arrived: the next call goes on with it.
      if (isRetryable(error)) throw error
      journal.dropTransaction(sent)
      if (error instanceof InsufficientGasFundsError) throw error
      if (!isNonceTaken(error) || attempt >= ATTEMPTS) {
        throw new TransactionRefusedError({ call: call.functionName, cause: error })
      }
      log.warn({ event: 'nonce-taken', key, attempt, reason: messageOf(error) }, 'signing anew')
      await pause(this.#pollingInterval, signal)
      signal.throwIfAborted()
      return null
    }
  }

  async #sign(call: ContractCall): Promise<{ nonce: number; hash: Hex; raw: Hex }> {
    const { client, journal } = this.#context
    const request = { ...call, account: this.#account } as never
    try {
      await client.simulateContract(request)
      const [gas, fees, pending, chainId] = await Promise.all([
        client.estimateContractGas(request),
        client.estimateFeesPerGas(),
        client.getTransactionCount({ address: this.#account.address, blockTag: 'pending' }),
        client.getChainId(),
      ])
      const taken = new Set(journal.transactions().map((sent) => sent.nonce))
      let nonce = pending
      while (taken.has(nonce)) nonce++
      const raw = await this.#account.signTransaction({
        type: 'eip1559',
        chainId,
        nonce,
        to: call.address,
        data: encodeFunctionData(call as never),
        gas: (gas * GAS_MARGIN.numerator) / GAS_MARGIN.denominator,
        maxFeePerGas: (fees.maxFeePerGas ?? 0n) * FEE_MARGIN,
        maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? 0n,
      })
      return { nonce, hash: keccak256(raw), raw }
    } catch (error) {
      throw decodeContractError(error, { functionName: call.functionName, address: call.address })
    }
  }

  /** Hands it to the node; one that the node knows already counts as handed over. */
  async #broadcast(sent: SentTransaction): Promise<void> {
    const { client } = this.#context
    try {
      await client.sendRawTransaction({ serializedTransaction: sent.raw })
    } catch (error) {
      if (!isRetryable(error) && ((await this.#isKnown(sent)) || (await this.#receipt(sent)) !== null)) return
      throw decodeContractError(error, { functionName: 'eth_sendRawTransaction' })
    }
  }

  /**
   * Waits until it was mined; null where another transaction has its nonce now, or it is void.
   *
   * @param patience milliseconds after which the node is asked whether it still knows it
   */
  async #confirm(sent: SentTransaction, patience: number): Promise<TransactionReceipt | null> {
    const { journal, signal } = this.#context
    for (let checkAt = performance.now() + patience; ; ) {
      const receipt = (await this.#receipt(sent)) ?? (await this.#lastLook(sent))
      if (receipt !== undefined) {
        journal.dropTransaction(sent)
        return receipt
      }
      if (performance.now() >= checkAt) {
        await this.#sendAgain(sent)
        checkAt = performance.now() + LOST_AFTER_MS
      }
      if (journal.transaction(sent.key)?.hash !== sent.hash) return null
      await pause(this.#pollingInterval, signal)
      signal.throwIfAborted()
    }
  }

  /** Its receipt or null once its nonce is taken; undefined while it may still be mined. */
  async #lastLook(sent: SentTransaction): Promise<TransactionReceipt | null | undefined> {
    const { client } = this.#context
    const mined = await client.getTransactionCount({ address: this.#account.address, blockTag: 'latest' })
    return mined > sent.nonce ? this.#receipt(sent) : undefined
  }

  async #receipt({ hash }: SentTransaction): Promise<TransactionReceipt | null> {
    try {
      return await this.#context.client.getTransactionReceipt({ hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return null
      throw error
    }
  }

  async #isKnown({ hash }: SentTransaction): Promise<boolean> {
    try {
      await this.#context.client.getTransaction({ hash })
      return true
    } catch (error) {
      if (error instanceof TransactionNotFoundError) return false
      throw error
    }
  }

  async #revertReason(call: ContractCall) {
    try {
      await this.#context.client.simulateContract({ ...call, account: this.#account } as never)
      return undefined
    } catch (error) {
      return decodeContractError(error, { functionName: call.functionName })
    }
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step, step)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

import {
  BaseError,
  encodeFunctionData,
  type Hash,
  keccak256,
  type LocalAccount,
  NonceTooLowError,
  TransactionNotFoundError,
} from 'viem'
import { getTransaction, prepareTransactionRequest, sendRawTransaction, signTransaction } from 'viem/actions'
import { NonceTakenError } from '../errors/rpc.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { ContractCall } from './writeMarket.ts'

/** How often a call is signed because other processes of the account took its nonce. */
const ATTEMPTS = 5

type Request = ContractCall & { nonce?: number | undefined }

/**
 * Signs a call and sends it; signs it anew where another process of the account took the nonce between the two, and only
 * when the node knows nothing of what was signed before: a transport that repeats a request whose answer was lost is told
 * that the nonce is taken, too, and then it is taken by this very transaction.
 *
 * @throws NonceTakenError when that goes on, or the nonce was given; whatever viem throws
 */
export async function signAndSend(
  client: ClientWithMarket,
  account: LocalAccount,
  { abi, functionName, args, address, ...request }: Request & Record<string, unknown>,
): Promise<Hash> {
  const data = encodeFunctionData({ abi, functionName, args } as never)
  const isGiven = request.nonce !== undefined
  for (let attempt = 1; ; attempt++) {
    const prepared = await prepareTransactionRequest(client, {
      ...request,
      account,
      to: address,
      data,
    } as never)
    const serializedTransaction = await signTransaction(client, prepared as never)
    const hash = keccak256(serializedTransaction as Hash)
    try {
      await sendRawTransaction(client, { serializedTransaction })
      return hash
    } catch (cause) {
      if (!isNonceTaken(cause)) throw cause
      // It is this very transaction that the node has, whatever another one behind the same address says.
      if (isSentBefore(cause) || (await isKnown(client, hash))) return hash
      const { nonce } = prepared as { nonce: number }
      if (isGiven || attempt >= ATTEMPTS) throw new NonceTakenError({ nonce, isGiven, functionName, cause })
    }
  }
}

/** Whether a node refused a transaction because its nonce is taken; nodes tell it in words only. */
export function isNonceTaken(error: unknown): boolean {
  if (error instanceof NonceTooLowError) return true
  const details = error instanceof BaseError ? error.details : ''
  return /nonce (is )?too low|nonce .*(used|expected)|replacement|already known|known transaction/i.test(
    details,
  )
}

/** Whether a node refused a transaction because it has it already. */
function isSentBefore(error: unknown): boolean {
  return error instanceof BaseError && /already known|known transaction/i.test(error.details)
}

async function isKnown(client: ClientWithMarket, hash: Hash): Promise<boolean> {
  try {
    await getTransaction(client, { hash })
    return true
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false
    throw error
  }
}

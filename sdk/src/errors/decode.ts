import {
  AbiDecodingZeroDataError,
  type Address,
  BaseError,
  ChainMismatchError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  InternalRpcError,
  isHex,
  LimitExceededRpcError,
  ResourceUnavailableRpcError,
  SocketClosedError,
  TimeoutError,
  UnknownRpcError,
  UserRejectedRequestError,
  WebSocketRequestError,
} from 'viem'
import { AssayError } from './base.ts'
import { MarketNotDeployedError, WrongChainError } from './client.ts'
import { decodeErrorData } from './contract.ts'
import {
  ContractRevertedError,
  InsufficientGasFundsError,
  RpcRequestFailedError,
  RpcUnavailableError,
  TransactionRejectedError,
} from './rpc.ts'

export type DecodeErrorContext = {
  /** The contract function that was called. */
  functionName?: string | undefined
  /** The contract that was called. */
  address?: Address | undefined
}

/** Whether an error is one of this package. */
export function isAssayError(error: unknown): error is AssayError {
  return error instanceof AssayError
}

/** Whether the same call may succeed later without anybody changing anything: network trouble, mostly. Knows viem's errors too. */
export function isRetryable(error: unknown): boolean {
  return decodeContractError(error).retryable
}

/**
 * Turns whatever a call to a contract threw into an error of this package: a revert into the class of the contract's
 * error, a connection that failed into {@link RpcUnavailableError}, and so on. The original is kept as `cause`.
 */
export function decodeContractError(error: unknown, context: DecodeErrorContext = {}): AssayError {
  if (isAssayError(error)) return error
  const { functionName, address } = context
  const parameters = { functionName, cause: error }

  const data = findRevertData(error)
  if (data !== undefined) {
    return (
      decodeErrorData(data, parameters) ??
      new ContractRevertedError({ data, reason: revertReason(data), ...parameters })
    )
  }
  const has = (...types: readonly (abstract new (...args: never[]) => Error)[]): Error | null =>
    walk(error, (e) => types.some((type) => e instanceof type))

  if (address !== undefined && has(ContractFunctionZeroDataError, AbiDecodingZeroDataError))
    return new MarketNotDeployedError({ market: address, cause: error })
  const reverted = has(ContractFunctionRevertedError) as ContractFunctionRevertedError | null
  // Internal errors of a node look like reverts without data to viem.
  if (reverted && !has(InternalRpcError))
    return new ContractRevertedError({ data: reverted.raw ?? '0x', reason: reverted.reason, ...parameters })
  const mismatch = has(ChainMismatchError)
  if (mismatch) return toWrongChain(mismatch, error)
  if (has(InsufficientFundsError) || /(insufficient|enough) funds/i.test(detailsOf(error)))
    return new InsufficientGasFundsError(parameters)
  if (has(UserRejectedRequestError)) return new TransactionRejectedError(parameters)
  const unavailable = has(
    HttpRequestError,
    TimeoutError,
    WebSocketRequestError,
    SocketClosedError,
    LimitExceededRpcError,
    ResourceUnavailableRpcError,
    InternalRpcError,
  )
  if (unavailable || isForeign(error)) return new RpcUnavailableError(parameters)
  return new RpcRequestFailedError(parameters)
}

/** The bytes a contract reverted with, wherever viem or a provider put them; undefined where there are none. */
function findRevertData(error: unknown): Hex | undefined {
  let found: Hex | undefined
  walk(error, (e) => {
    const { data, raw } = e as { data?: unknown; raw?: unknown }
    const candidates = [raw, data, (data as { data?: unknown } | null | undefined)?.data]
    found = candidates.find((value): value is Hex => isHex(value) && value.length >= 10)
    return found !== undefined
  })
  return found
}

function revertReason(data: Hex): string | undefined {
  try {
    // `Error(string)` and `Panic(uint256)` need no ABI.
    const { errorName, args } = decodeErrorResult({ abi: [], data }) as {
      errorName: string
      args?: readonly unknown[]
    }
    return errorName === 'Error' ? String(args?.[0]) : `${errorName}(${args?.join(', ') ?? ''})`
  } catch {
    return undefined
  }
}

/** A failure of the transport itself: something without a JSON-RPC code. */
function isForeign(error: unknown): boolean {
  const unknown = walk(error, (e) => e instanceof UnknownRpcError) as UnknownRpcError | null
  const code = (unknown?.cause as { code?: unknown } | undefined)?.code
  return unknown !== null && typeof code !== 'number'
}

function toWrongChain(mismatch: Error, cause: unknown): AssayError {
  // viem keeps the two ids in the text alone.
  const ids = [...mismatch.message.matchAll(/id: (\d+)/g)].map((match) => Number(match[1]))
  return new WrongChainError({ actual: ids[0] ?? Number.NaN, expected: ids[1] ?? Number.NaN, cause })
}

function detailsOf(error: unknown): string {
  if (error instanceof BaseError) return error.details ?? ''
  return error instanceof Error ? error.message : ''
}

function walk(error: unknown, test: (error: unknown) => boolean): Error | null {
  for (let at = error; at instanceof Error || (typeof at === 'object' && at !== null); ) {
    if (test(at)) return at as Error
    at = (at as { cause?: unknown }).cause
  }
  return null
}

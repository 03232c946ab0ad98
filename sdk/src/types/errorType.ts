import type {
  AccountRequiredError,
  MarketNotDeployedError,
  MarketUnknownError,
  WrongChainError,
} from '../errors/client.ts'
import type { ContractError } from '../errors/contractError.ts'
import type { EventNotFoundError } from '../errors/events.ts'
import type {
  ContractRevertedError,
  InsufficientGasFundsError,
  ReceiptTimeoutError,
  RpcRequestFailedError,
  RpcUnavailableError,
  TransactionRejectedError,
  TransactionRevertedError,
} from '../errors/rpc.ts'

/** What every read may throw. */
export type ReadMarketErrorType =
  | MarketUnknownError
  | MarketNotDeployedError
  | ContractRevertedError
  | RpcUnavailableError
  | RpcRequestFailedError

/** What every transaction may throw before it is sent. */
export type WriteMarketErrorType =
  | ReadMarketErrorType
  | AccountRequiredError
  | ContractError
  | InsufficientGasFundsError
  | TransactionRejectedError
  | WrongChainError

/** What every transaction that is waited for may throw. */
export type WriteMarketSyncErrorType =
  | WriteMarketErrorType
  | TransactionRevertedError
  | ReceiptTimeoutError
  | EventNotFoundError

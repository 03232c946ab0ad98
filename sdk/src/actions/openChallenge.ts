import {
  type Address,
  encodeAbiParameters,
  type Hash,
  type Hex,
  type Log,
  parseAbiParameters,
  type TransactionReceipt,
} from 'viem'
import { disputeGameAbi } from '../abis.ts'
import type { FirstMoves } from '../dispute/types.ts'
import type { EventMismatchError, EventNotFoundError } from '../errors/events.ts'
import type { ResultNotSubmittedError, UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { EncodedJobTerms } from '../types/terms.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { disputeGameOf, type GameParameter, type MoveOutcome, outcomeOf } from '../utils/disputes.ts'
import { findPostedTerms } from '../utils/postedTerms.ts'
import { type MarketCallParameters, withMarket, writeCall, writeCallSync } from '../utils/writeMarket.ts'
import { getChallengeBond } from './getChallengeBond.ts'
import { getResult } from './getResult.ts'
import { transfer } from './transfer.ts'

export type OpenChallengeArgs = GameParameter & {
  jobId: Hex
  /**
   * Units of the balance. It comes back unless the game is lost.
   * @default `getChallengeBond`
   */
  bond?: bigint | undefined
  /**
   * With what the game begins, in the same transaction; `firstMoves` computes it.
   * @default nothing: it begins at the root of the result tree
   */
  first?: FirstMoves | undefined
}

export type OpenChallengeParameters = WriteParameters & OpenChallengeArgs
export type OpenChallengeSyncParameters = WriteSyncParameters & OpenChallengeArgs

export type OpenChallengeReturnType = Hash
export type OpenChallengeSyncReturnType = MoveOutcome & { bond: bigint }

type ResultErrors =
  | UnknownJobError
  | WrongLevelError
  | ResultNotSubmittedError
  | EventNotFoundError
  | EventMismatchError
export type OpenChallengeErrorType = WriteMarketErrorType | ResultErrors
export type OpenChallengeSyncErrorType = WriteMarketSyncErrorType | ResultErrors

/**
 * Says that a submitted result is wrong, with a bond out of the account's balance: opens a dispute game, in which the
 * account has to show one step that the chain itself executes otherwise. In the job's challenge window only. The job's terms
 * and its result are looked up in their events.
 *
 * @example
 * const hash = await client.openChallenge({ jobId })
 *
 * @throws {JobMarketDeadlinePassedError | DisputeGameExistsError | DisputeBondTooSmallError}
 */
export async function openChallenge(
  client: ClientWithMarket,
  parameters: OpenChallengeParameters,
): Promise<OpenChallengeReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** What the game is told with the bond: `abi.encode(Opening)`. */
export type ChallengeOpening = {
  requester: Address
  terms: EncodedJobTerms
  resultRoot: Hex
  totalSteps: bigint
  first?: FirstMoves | undefined
}

/** The call of the market alone, for simulating and batching. */
openChallenge.call = ({
  market,
  game,
  bond,
  first = { descents: [], entries: [] },
  ...opening
}: MarketCallParameters<ChallengeOpening & { game: Address; bond: bigint }>) =>
  transfer.call({
    market,
    to: game,
    amount: bond,
    data: encodeAbiParameters(openingParameters, [{ ...opening, ...first }]),
  })

/** The event among a receipt's logs. */
openChallenge.extractEvent = (logs: readonly Log[]) =>
  extractContractEvent(disputeGameAbi, 'GameOpened', logs)

/**
 * {@link openChallenge}, then waits for the receipt.
 *
 * @example
 * const { gameId, position } = await client.openChallengeSync({ jobId })
 */
export async function openChallengeSync(
  client: ClientWithMarket,
  parameters: OpenChallengeSyncParameters,
): Promise<OpenChallengeSyncReturnType> {
  const receipt: TransactionReceipt = await writeCallSync(
    client,
    await prepare(client, parameters),
    parameters,
  )
  const { bond } = openChallenge.extractEvent(receipt.logs)
  return { ...outcomeOf(receipt), bond }
}

async function prepare(client: ClientWithMarket, parameters: OpenChallengeParameters) {
  const { jobId, first } = parameters
  const { market } = withMarket(client, parameters)
  const game = await disputeGameOf(client, { ...parameters, market })
  const posted = await findPostedTerms(client, { jobId, market })
  const { resultRoot, totalSteps } = await getResult(client, { jobId, market })
  const bond = parameters.bond ?? (await getChallengeBond(client, { jobId, market, game }))
  return openChallenge.call({ market, game, bond, first, ...posted, resultRoot, totalSteps })
}

// contracts/types/Dispute.sol, JobTerms.sol
const openingParameters = parseAbiParameters([
  'Opening opening',
  'struct Opening { address requester; JobTerms terms; bytes32 resultRoot; uint128 totalSteps; Descent[] descents; Entry[] entries; }',
  'struct JobTerms { bytes32 programId; bytes32 inputsRoot; bytes32 sharedInput; uint256 rules; uint256 limits; bytes32 assurance; string dataUri; }',
  'struct Descent { uint8 level; uint32 index; bytes32 hash; uint128 sum; bytes proof; }',
  'struct Entry { bytes row; uint32 leafIndex; ClaimTerms terms; ProgramParts program; bytes32 inputRoot; uint64 inputLength; bytes32[] inputProof; }',
  'struct ClaimTerms { bytes32 programId; bytes32 inputsRoot; bytes32 sharedInput; uint64 stepLimit; uint32 maxOutput; uint32 maxPages; }',
  'struct ProgramParts { bytes32 codeRoot; bytes32 memoryRoot; bytes32 globalsRoot; bytes32 tableRoot; uint32 entry; uint32 initialPages; uint32 maxPages; uint16 version; }',
])

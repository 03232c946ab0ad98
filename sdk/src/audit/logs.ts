import type { Hex } from 'viem'
import { AuditChainChangedError, AuditNodeAnswerError } from '../errors/audit.ts'
import type { ChainReader, Header, LogFilter, RawLog } from './reader.ts'

export type LogHistory = {
  /** In the chain's order, each once. */
  logs: RawLog[]
  /** Last blocks of the ranges that were asked for, the newest excepted. */
  borders: bigint[]
}

/**
 * All logs of a range of blocks. It is asked for in one piece first; a range that the node refuses (too many blocks,
 * too many logs, too slow) is halved, and what works grows again.
 * @throws {AuditNodeAnswerError} for logs outside of what was asked for, or two blocks at one height.
 */
export async function readLogs(
  reader: ChainReader,
  filter: LogFilter,
  {
    fromBlock,
    toBlock,
    onRange,
  }: {
    fromBlock: bigint
    toBlock: bigint
    onRange?: ((done: number, total: number) => void) | undefined
  },
): Promise<LogHistory> {
  const logs: RawLog[] = []
  const borders: bigint[] = []
  let from = fromBlock
  let size = toBlock - fromBlock + 1n
  while (from <= toBlock) {
    const to = from + size - 1n < toBlock ? from + size - 1n : toBlock
    const single = to === from
    try {
      for (const log of inRange(await reader.logs(filter, from, to, single), filter, from, to)) logs.push(log)
    } catch (error) {
      if (single || error instanceof AuditNodeAnswerError) throw error
      // a node that is gone refuses small ranges too
      await reader.chainId()
      size = (to - from + 1n) / 2n
      continue
    }
    if (to < toBlock) borders.push(to)
    onRange?.(Number(to - fromBlock) + 1, Number(toBlock - fromBlock) + 1)
    from = to + 1n
    size += size / 4n + 1n
  }
  return { logs: inOrder(logs), borders }
}

/**
 * Whether the headers are of one chain with the logs: each log's block has the hash of the header at its height, and
 * on each border the next block names its parent.
 * @throws {AuditChainChangedError}
 */
export function checkContinuity(
  headers: ReadonlyMap<bigint, Header>,
  logs: readonly RawLog[],
  borders: readonly bigint[],
): number {
  let checked = 0
  const expect = (block: bigint, expected: Hex, actual: Hex | undefined) => {
    checked++
    if (expected !== actual) throw new AuditChainChangedError({ block, expected, actual })
  }
  for (const { blockNumber, blockHash } of logs) {
    const header = headers.get(blockNumber)
    if (header !== undefined) expect(blockNumber, header.hash, blockHash)
  }
  for (const border of borders) {
    const below = headers.get(border)
    const above = headers.get(border + 1n)
    if (below !== undefined) expect(border, below.hash, above?.parentHash)
  }
  return checked
}

function inRange(logs: RawLog[], { address }: LogFilter, from: bigint, to: bigint): RawLog[] {
  for (const log of logs) {
    if (log.address.toLowerCase() !== address.toLowerCase())
      refuse(`a log of ${log.address}, not of ${address}`)
    if (log.blockNumber < from || log.blockNumber > to)
      refuse(`a log of block ${log.blockNumber}, not of ${from} to ${to}`)
  }
  return logs
}

function inOrder(logs: RawLog[]): RawLog[] {
  logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
  for (let index = 1; index < logs.length; index++) {
    const [before, log] = [logs[index - 1]!, logs[index]!]
    if (before.blockNumber !== log.blockNumber) continue
    if (before.blockHash !== log.blockHash) refuse(`two blocks of height ${log.blockNumber}`)
    if (before.logIndex === log.logIndex) refuse(`two logs ${log.logIndex} in block ${log.blockNumber}`)
  }
  return logs
}

function refuse(reason: string): never {
  throw new AuditNodeAnswerError({ method: 'eth_getLogs', reason })
}

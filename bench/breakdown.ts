import type { Hex } from 'viem'

/** Where the gas of one transaction went. The parts add up to what the receipt says, refunds included. */
export type GasBreakdown = {
  transaction: number
  calldata: number
  newWords: number
  changedWords: number
  coldReads: number
  warmStorage: number
  logs: number
  calls: number
  computation: number
  total: number
}

type Trace = { gas: number; structLogs: { op: string; gasCost: number; depth: number }[] }
type Request = (args: { method: string; params: unknown[] }) => Promise<unknown>

/** Cost of the first access to a storage slot in a transaction (EIP-2929). */
const COLD = 2_100

/**
 * Sorts the executed opcodes of a mined transaction by what they paid for. An SSTORE of a slot not read before pays for the
 * cold access too; that part is counted as a cold read.
 */
export async function breakdown(request: Request, hash: Hex): Promise<GasBreakdown> {
  const [trace, transaction] = (await Promise.all([
    request({
      method: 'debug_traceTransaction',
      params: [hash, { disableStorage: true, disableMemory: true, disableStack: true }],
    }),
    request({ method: 'eth_getTransactionByHash', params: [hash] }),
  ])) as [Trace, { input: Hex }]
  const parts = {
    newWords: 0,
    changedWords: 0,
    coldReads: 0,
    warmStorage: 0,
    logs: 0,
    calls: 0,
    computation: 0,
  }
  for (const { op, gasCost } of trace.structLogs) {
    if (op === 'SLOAD') parts[gasCost >= COLD ? 'coldReads' : 'warmStorage'] += gasCost
    else if (op === 'SSTORE') addStore(parts, gasCost)
    else if (op.startsWith('LOG')) parts.logs += gasCost
    else if (!op.endsWith('CALL')) parts.computation += gasCost
  }
  const bytes = Buffer.from(transaction.input.slice(2), 'hex')
  const calldata = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0)
  const known = Object.values(parts).reduce((sum, gas) => sum + gas, 21_000 + calldata)
  return {
    transaction: 21_000,
    calldata,
    ...parts,
    calls: Number(trace.gas) - known,
    total: Number(trace.gas),
  }
}

function addStore(
  parts: Pick<GasBreakdown, 'newWords' | 'changedWords' | 'coldReads' | 'warmStorage'>,
  gas: number,
): void {
  const cold = gas === 22_100 || gas === 5_000 ? COLD : 0
  parts.coldReads += cold
  const rest = gas - cold
  if (rest >= 20_000) parts.newWords += rest
  else if (rest >= 2_900) parts.changedWords += rest
  else parts.warmStorage += rest
}

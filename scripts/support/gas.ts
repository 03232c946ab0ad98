import type { Address, PublicClient } from 'viem'

/** Gas that each account paid for in blocks `from` to `to`, by lower-case address; also the number of its transactions. */
export async function gasByAccount(
  client: Pick<PublicClient, 'getBlock' | 'getTransactionReceipt'>,
  from: bigint,
  to: bigint,
): Promise<Map<string, { gas: bigint; transactions: number }>> {
  const spent = new Map<string, { gas: bigint; transactions: number }>()
  for (let blockNumber = from; blockNumber <= to; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber })
    const receipts = await Promise.all(transactions.map((hash) => client.getTransactionReceipt({ hash })))
    for (const { from: sender, gasUsed } of receipts) {
      const key = (sender as Address).toLowerCase()
      const entry = spent.get(key) ?? { gas: 0n, transactions: 0 }
      spent.set(key, { gas: entry.gas + gasUsed, transactions: entry.transactions + 1 })
    }
  }
  return spent
}

import type { Address, Hex, LocalAccount, TransactionSerializable } from 'viem'
import { toAccount } from 'viem/accounts'

/** What of an ethers signer (version 6) is used; any wallet that signs as one fits. */
export type EthersSigner = {
  getAddress(): Promise<string>
  signMessage(message: string | Uint8Array): Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: as ethers declares it
  signTypedData(domain: any, types: Record<string, any[]>, value: Record<string, any>): Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: as ethers declares it
  signTransaction(transaction: any): Promise<string>
}

const transactionTypes = { legacy: 0, eip2930: 1, eip1559: 2 } as const

/**
 * A viem account that signs with an ethers signer: for `createMarketClient({ account })` and each action's `account`.
 *
 * @example
 * const account = await ethersAccount(new Wallet(key))
 */
export async function ethersAccount(signer: EthersSigner): Promise<LocalAccount<'ethers'>> {
  const account = toAccount({
    address: (await signer.getAddress()) as Address,
    async signMessage({ message }) {
      const text = typeof message === 'string' ? message : bytesOf(message.raw)
      return (await signer.signMessage(text)) as Hex
    },
    async signTypedData({ domain, types, message }) {
      // ethers finds the domain's and the primary type by itself
      const { EIP712Domain: _, ...own } = types as Record<string, { name: string; type: string }[]>
      return (await signer.signTypedData(domain ?? {}, own, message as Record<string, unknown>)) as Hex
    },
    async signTransaction(transaction) {
      return (await signer.signTransaction(toEthers(transaction as TransactionSerializable))) as Hex
    },
  })
  return { ...account, source: 'ethers' } as LocalAccount<'ethers'>
}

function bytesOf(raw: Hex | Uint8Array): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  const pairs = raw.slice(2).match(/../g) ?? []
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

function toEthers({ gas, type, ...rest }: TransactionSerializable): Record<string, unknown> {
  const known = type === undefined ? {} : { type: transactionTypes[type as keyof typeof transactionTypes] }
  const fields = Object.entries({ ...rest, ...known, gasLimit: gas })
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

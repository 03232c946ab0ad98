import { readFileSync } from 'node:fs'
import { createMarketClient, decodeContractError, local, type MarketClient, unitDecimals } from 'assay'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  type Address,
  createPublicClient,
  defineChain,
  type Hex,
  http,
  isAddress,
  isHash,
  parseUnits,
} from 'viem'
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { KeyInvalidError, KeyMissingError, UsageError } from '../errors.ts'
import { demoAccount } from './demoAccount.ts'

export type ChainOptions = {
  rpc: string
  market?: Address
  keyFile?: string
  demoAccount?: number
  json?: boolean
}

/** Adds the options of every command that talks to the chain. */
export function withChain(command: Command): Command {
  return command
    .addOption(
      new Option('--rpc <url>', 'JSON-RPC endpoint')
        .env('ASSAY_RPC_URL')
        .argParser(parseUrl)
        .default('http://127.0.0.1:8545'),
    )
    .addOption(
      new Option('--market <address>', "market contract (default: the chain's known one)")
        .env('ASSAY_MARKET')
        .argParser(parseAddress),
    )
    .option('--json', 'print JSON')
}

/** Adds {@link withChain} and the options of commands that sign. */
export function withKey(command: Command): Command {
  return withChain(command)
    .option('--key-file <path>', 'file with the private key (or ASSAY_PRIVATE_KEY in the environment)')
    .addOption(
      new Option('--demo-account <n>', 'account n of a local network')
        .env('ASSAY_DEMO_ACCOUNT')
        .argParser(parseDemoAccount),
    )
}

/**
 * A client for the options, with an account if a key is there.
 *
 * @throws KeyInvalidError, WrongChainError when a demo account is used on a chain that is not local
 */
export async function clientFor(options: ChainOptions): Promise<MarketClient> {
  const transport = http(options.rpc, { retryCount: 2, timeout: 10_000 })
  const account = accountFor(options)
  const chainId = await createPublicClient({ transport })
    .getChainId()
    .catch((error: unknown) => {
      throw decodeContractError(error, { functionName: `eth_chainId at ${options.rpc}` })
    })
  if (options.demoAccount !== undefined && chainId !== local.id) {
    throw new KeyInvalidError({
      source: `--demo-account ${options.demoAccount}`,
      reason: `its key is public, and chain ${chainId} is not a local one`,
    })
  }
  return createMarketClient({
    transport,
    chain: chainId === local.id ? local : chainOf(chainId, options.rpc),
    ...(account && { account }),
    ...(options.market && { market: options.market }),
  })
}

/** {@link clientFor} with an account, or {@link KeyMissingError}. */
export async function signingClientFor(
  options: ChainOptions,
): Promise<MarketClient & { account: LocalAccount }> {
  const client = await clientFor(options)
  if (client.account === undefined) throw new KeyMissingError()
  return client as MarketClient & { account: LocalAccount }
}

/**
 * The address that was given, else that of the key.
 *
 * @throws UsageError without either
 */
export function addressFor(client: MarketClient, given: Address | undefined): Address {
  const address = given ?? client.account?.address
  if (address !== undefined) return address
  throw new UsageError({
    message: 'There is no account to show.',
    remedy: 'Give an address, or a key: --key-file, ASSAY_PRIVATE_KEY, --demo-account.',
  })
}

function accountFor({ keyFile, demoAccount: index }: ChainOptions): LocalAccount | undefined {
  if (keyFile !== undefined) {
    let text: string
    try {
      text = readFileSync(keyFile, 'utf8')
    } catch (error) {
      throw new KeyInvalidError({ source: keyFile, reason: (error as Error).message })
    }
    return fromKey(text.trim(), keyFile)
  }
  if (index !== undefined) return demoAccount(index)
  const key = process.env['ASSAY_PRIVATE_KEY']
  return key === undefined || key === '' ? undefined : fromKey(key.trim(), 'ASSAY_PRIVATE_KEY')
}

function fromKey(text: string, source: string): LocalAccount {
  const key = (text.startsWith('0x') ? text : `0x${text}`) as Hex
  if (!isHash(key)) throw new KeyInvalidError({ source, reason: 'not 32 bytes of hex' })
  try {
    return privateKeyToAccount(key)
  } catch {
    // What the library says has the key in it.
    throw new KeyInvalidError({ source, reason: 'zero, or beyond the order of the curve' })
  }
}

export function parseAddress(text: string): Address {
  if (!isAddress(text)) throw new InvalidArgumentError('An address is 0x and 40 hex digits.')
  return text
}

export function parseJobId(text: string): Hex {
  if (!isHash(text)) throw new InvalidArgumentError('A job id is 0x and 64 hex digits.')
  return text
}

/** Program ids, one after the other. */
export function collectProgramIds(text: string, before: readonly Hex[] = []): Hex[] {
  if (!isHash(text)) throw new InvalidArgumentError('A program id is 0x and 64 hex digits.')
  return [...before, text]
}

/** An amount of tokens with up to six decimals, in units. */
export function parseAmount(text: string): bigint {
  if (!/^\d+(\.\d{1,6})?$/.test(text)) {
    throw new InvalidArgumentError(
      'An amount is a number of tokens with at most six decimals, such as 2 or 0.25.',
    )
  }
  return parseUnits(text, unitDecimals)
}

export function parseCount(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.')
  }
  return value
}

export function parseIndex(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Expected a whole number of at least 0.')
  }
  return value
}

/** Seconds of which there may be none, and as many as the contract takes. */
export function parseRamp(text: string): number {
  const seconds = parseIndex(text)
  if (seconds > 2_592_000) throw new InvalidArgumentError('At most 2592000 seconds, which are 30 days.')
  return seconds
}

export function parsePort(text: string): number {
  const port = parseIndex(text)
  if (port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

export function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('A URL begins with http:// or https://.')
  }
  return text
}

/** An index that keys can be derived for. */
function parseDemoAccount(text: string): number {
  const index = parseIndex(text)
  if (index >= 2 ** 31) throw new InvalidArgumentError('A demo account is a number below 2147483648.')
  return index
}

function chainOf(id: number, rpc: string) {
  return defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpc] } },
  })
}

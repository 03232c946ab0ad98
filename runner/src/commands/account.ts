import { depositSync, formatAmount, getAccount, jobMarketAbi, type MarketClient, withdrawSync } from 'assay'
import { Command } from 'commander'
import { type Address, erc20Abi, formatUnits } from 'viem'
import {
  addressFor,
  type ChainOptions,
  clientFor,
  parseAddress,
  parseAmount,
  signingClientFor,
  withKey,
} from '../cli/options.ts'
import { facts, print } from '../cli/output.ts'

/** `assay account`: what an address has in the market, deposits and withdrawals. */
export function accountCommand(): Command {
  const command = new Command('account').description('balances in the market, deposits and withdrawals')
  withKey(command.command('show', { isDefault: true }))
    .description('what an account has (its own without an address)')
    .argument('[address]', 'account to show', parseAddress)
    .addHelpText('after', '\nExample:\n  assay account show --demo-account 1')
    .action(async (address: Address | undefined, options: ChainOptions) => {
      const client = await clientFor(options)
      await show(client, addressFor(client, address), options)
    })
  withKey(command.command('deposit'))
    .description("move tokens from the wallet into the account's balance")
    .argument('<amount>', 'tokens', parseAmount)
    .addHelpText('after', '\nExample:\n  assay account deposit 100 --demo-account 1')
    .action(async (units: bigint, options: ChainOptions) => {
      const client = await signingClientFor(options)
      await depositSync(client, { amount: units })
      await show(client, client.account.address, options)
    })
  withKey(command.command('withdraw'))
    .description('move balance out as tokens')
    .argument('<amount>', 'tokens', parseAmount)
    .option('--to <address>', 'receiver (default: the account itself)', parseAddress)
    .addHelpText('after', '\nExample:\n  assay account withdraw 2.5 --demo-account 1')
    .action(async (units: bigint, options: ChainOptions & { to?: Address }) => {
      const client = await signingClientFor(options)
      await withdrawSync(client, { amount: units, ...(options.to && { to: options.to }) })
      await show(client, client.account.address, options)
    })
  return command
}

async function tokenOf(client: MarketClient): Promise<Address> {
  const { market, token } = client.deployment
  return token ?? client.readContract({ address: market, abi: jobMarketAbi, functionName: 'token' })
}

async function show(client: MarketClient, address: Address, options: ChainOptions): Promise<void> {
  const account = await getAccount(client, { address })
  const token = { address: await tokenOf(client), abi: erc20Abi } as const
  const [tokens, decimals] = await Promise.all([
    client.readContract({ ...token, functionName: 'balanceOf', args: [address] }),
    client.readContract({ ...token, functionName: 'decimals' }),
  ])
  const text = facts([
    ['Account', address],
    ['Wallet', `${formatUnits(tokens, decimals)} ASSAY`],
    ['Balance', formatAmount(account.balance)],
    ['Stake', formatAmount(account.stake)],
    ['Locked', `${formatAmount(account.locked)} by ${account.active} claims`],
  ])
  print(options, { address, tokens, ...account }, text)
}

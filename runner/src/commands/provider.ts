import {
  formatAmount,
  getAccount,
  getProvider,
  type MarketClient,
  stakeSync,
  unstakeSync,
  withdrawSync,
} from 'assay'
import { Command } from 'commander'
import type { Address } from 'viem'
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

/** `assay provider`: what a provider declares and has, its stake and its earnings. */
export function providerCommand(): Command {
  const command = new Command('provider').description("a provider's declaration, stake and earnings")
  withKey(command.command('show', { isDefault: true }))
    .description('what a provider declares and has (its own without an address)')
    .argument('[address]', 'provider to show', parseAddress)
    .addHelpText('after', '\nExample:\n  assay provider show --demo-account 2')
    .action(async (address: Address | undefined, options: ChainOptions) => {
      const client = await clientFor(options)
      await show(client, addressFor(client, address), options)
    })
  withKey(command.command('stake'))
    .description('move balance to the stake')
    .argument('<amount>', 'tokens', parseAmount)
    .action(async (units: bigint, options: ChainOptions) => {
      const client = await signingClientFor(options)
      await stakeSync(client, { amount: units })
      await show(client, client.account.address, options)
    })
  withKey(command.command('unstake'))
    .description('move stake that no claim has locked back to the balance')
    .argument('<amount>', 'tokens', parseAmount)
    .action(async (units: bigint, options: ChainOptions) => {
      const client = await signingClientFor(options)
      await unstakeSync(client, { amount: units })
      await show(client, client.account.address, options)
    })
  withKey(command.command('withdraw'))
    .description('withdraw earnings as tokens')
    .argument('[amount]', 'tokens (default: the whole balance)', parseAmount)
    .option('--to <address>', 'receiver (default: the provider itself)', parseAddress)
    .addHelpText('after', '\nExample:\n  assay provider withdraw --demo-account 2')
    .action(async (units: bigint | undefined, options: ChainOptions & { to?: Address }) => {
      const client = await signingClientFor(options)
      const { balance } = await getAccount(client, {})
      await withdrawSync(client, { amount: units ?? balance, ...(options.to && { to: options.to }) })
      await show(client, client.account.address, options)
    })
  return command
}

async function show(client: MarketClient, address: Address, options: ChainOptions): Promise<void> {
  const [provider, account] = await Promise.all([
    getProvider(client, { address }),
    getAccount(client, { address }),
  ])
  const { cores, memoryMiB, diskGiB } = provider.resources
  const text = facts([
    ['Provider', `${address}${provider.registered ? '' : ' (not registered)'}`],
    ['Endpoint', provider.endpoint || '–'],
    ['Resources', `${cores} cores, ${memoryMiB} MiB of memory, ${diskGiB} GiB of disk`],
    ['Claims', `${account.active} open of ${provider.concurrency}`],
    ['Stake', `${formatAmount(account.stake)}, ${formatAmount(account.locked)} of it locked`],
    ['Earnings', formatAmount(account.balance)],
    ['Reputation', `${formatAmount(provider.reputation)} of fees paid, ${provider.faults} faults`],
  ])
  print(options, { ...provider, account }, text)
}

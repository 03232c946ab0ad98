import { type HDAccount, mnemonicToAccount } from 'viem/accounts'

/** The well-known accounts of local development chains; never to be funded anywhere else. */
const MNEMONIC = 'test test test test test test test test test test test junk'

/** Account `index` of a local network; its key is public. */
export function demoAccount(index: number): HDAccount {
  return mnemonicToAccount(MNEMONIC, { addressIndex: index })
}

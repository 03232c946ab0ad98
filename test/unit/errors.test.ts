import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

const ARTIFACTS = new URL('../../artifacts/contracts/', import.meta.url)

/** About nothing else than their name says: named in JM-55. */
const WITHOUT_VALUES = ['JobMarketPostingPaused', 'LedgerNothingToCollect', 'LedgerZeroAmount']

/**
 * OpenZeppelin's: a guard entered twice, a name that EIP-712 never sees here, a permit's signature, a call of several
 * that reverts without a reason.
 */
const FOREIGN = ['ReentrancyGuardReentrantCall', 'InvalidShortString', 'ECDSAInvalidSignature', 'FailedCall']

interface Fragment {
  type: string
  name?: string
  inputs?: { name: string; type: string }[]
}

/** The errors in the ABIs of every contract, interface and library but the mocks, by name. */
function errors(): Map<string, Fragment> {
  const found = new Map<string, Fragment>()
  for (const file of readdirSync(ARTIFACTS, { recursive: true, encoding: 'utf8' })) {
    if (!/\.sol[\\/]\w+\.json$/.test(file) || file.startsWith('mocks')) continue
    const { abi } = JSON.parse(readFileSync(new URL(file.replaceAll('\\', '/'), ARTIFACTS), 'utf8'))
    for (const item of abi as Fragment[]) if (item.type === 'error') found.set(item.name as string, item)
  }
  return found
}

describe('The errors of the contracts', () => {
  const all = errors()

  it('are those of all of them: of the market, its hooks, its library and the token', () => {
    const owners = ['JobMarket', 'Ledger', 'Providers', 'Agreement', 'Governed', 'Attestation', 'Dispute']
    for (const owner of [...owners, 'Replication', 'ValueOutOfRange', 'ERC20']) {
      expect(
        [...all.keys()].some((name) => name.startsWith(owner)),
        owner,
      ).to.equal(true)
    }
  })

  // JM-55
  it('carry values, each with a name, but for those that are about nothing else than their name says', () => {
    const bare = [...all.values()].filter(({ inputs = [] }) => inputs.length === 0).map(({ name }) => name)
    expect(bare.sort()).to.deep.equal([...WITHOUT_VALUES, ...FOREIGN].sort())
    for (const { name, inputs = [] } of all.values()) {
      for (const input of inputs) expect(input.name, name).to.not.equal('')
    }
  })
})

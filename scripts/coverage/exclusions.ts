/** Contracts that coverage does not measure. */
export type Unmeasured = { files: RegExp; reason: string }

/** Points that need not be reached: those of a file with this source text (and this outcome). */
export type Exclusion = { file: string; code: string; outcome?: string; reason: string }

export const unmeasured: Unmeasured[] = [
  {
    files: /^contracts\/mocks\//,
    reason: 'Only tests deploy them: attackers, odd tokens, doors to the libraries.',
  },
  { files: /^test\/|\.t\.sol$/, reason: 'Tests and properties written in Solidity.' },
]

const proofs =
  'Assembly takes no probes. Proofs of one to four leaves, with empty siblings and without, are in test/vm/steps.test.ts and test/vm/stepCosts.test.ts.'

export const exclusions: Exclusion[] = [
  {
    file: 'contracts/types/Text.sol',
    code: 'lt(i, length)',
    reason:
      'Assembly takes no probes. Texts without a word, of one word and of several are in test/attacks/text.test.ts.',
  },
  { file: 'contracts/verification/vm/Multiproof.sol', code: 'lt(node, end)', reason: proofs },
  { file: 'contracts/verification/vm/Multiproof.sol', code: 'gt(end, second)', reason: proofs },
  {
    file: 'contracts/verification/vm/Multiproof.sol',
    code: 'and(lt(node, end), eq(mload(node), xor(index, 1)))',
    reason: proofs,
  },
  { file: 'contracts/verification/vm/Multiproof.sol', code: 'and(shr(seen, empties), 1)', reason: proofs },
  { file: 'contracts/verification/vm/Multiproof.sol', code: 'lt(empty, top)', reason: proofs },
  { file: 'contracts/verification/vm/Multiproof.sol', code: 'and(empties, 1)', reason: proofs },
  {
    file: 'contracts/verification/vm/Bytes.sol',
    code: 'lt(place, end)',
    reason:
      'Assembly takes no probes. Stores of every width and fills of every length are in test/vm/steps.test.ts and test/vm/repeats.test.ts.',
  },
]

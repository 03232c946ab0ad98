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

export const exclusions: Exclusion[] = [
  {
    file: 'contracts/types/Text.sol',
    code: 'lt(i, length)',
    reason:
      'Assembly takes no probes. Texts without a word, of one word and of several are in test/attacks/text.test.ts.',
  },
]

/** Tests that run together in one process of one test runner. */
export type Suite = {
  name: string
  /** File patterns; a suite without any file is left out. */
  files: string[]
  /** The command and its first arguments; the files follow. */
  command: string[]
  /** Minutes after which the suite counts as hanging. */
  minutes: number
}

/** Tests import `assay` from its sources, not from what was built last. */
const SOURCES = '--conditions=assay-source'
// --no-config: .mocharc.json gives the same condition to whoever runs mocha by hand, at the price of a second process.
const mocha = (timeoutMs: number) => [
  ...['node', SOURCES, 'node_modules/mocha/bin/mocha.js', '--no-config', '--forbid-only'],
  ...['--reporter', './scripts/testing/countsReporter.ts', '--timeout', String(timeoutMs)],
]
const hardhat = ['node', SOURCES, 'node_modules/hardhat/dist/src/cli.js', 'test', 'mocha', '--no-compile']

/**
 * Every suite of `npm test`, in the order they run: the end-to-end tests, which start processes and local networks of
 * their own, come last and alone. To add a suite, add an entry; its runner must write a `SuiteCounts` to the file named
 * by `COUNTS_FILE`.
 */
export const suites: Suite[] = [
  {
    name: 'contracts',
    files: ['test/**/*.test.ts', '!test/e2e/**', '!test/ground/**'],
    command: hardhat,
    minutes: 15,
  },
  {
    name: 'solidity',
    files: ['contracts/**/*.t.sol', 'test/**/*.t.sol'],
    command: ['node', 'scripts/testing/solidityTests.ts'],
    minutes: 10,
  },
  { name: 'sdk', files: ['sdk/test/**/*.test.ts'], command: mocha(20_000), minutes: 10 },
  { name: 'runner', files: ['runner/test/**/*.test.ts'], command: mocha(20_000), minutes: 10 },
  { name: 'examples', files: ['examples/**/*.test.ts'], command: mocha(60_000), minutes: 10 },
  { name: 'ground', files: ['test/ground/**/*.test.ts'], command: mocha(30_000), minutes: 10 },
  { name: 'e2e', files: ['test/e2e/**/*.test.ts'], command: mocha(120_000), minutes: 20 },
]

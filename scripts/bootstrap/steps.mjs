/**
 * What has to be built, in this order. To add a step, add an entry: it is skipped while a file it `needs` is absent, and
 * runs whenever the content of its `inputs`, a step it comes `after`, or the installed packages changed, or an output is
 * missing.
 *
 * @type {import('./build.mjs').Step[]}
 */
export const steps = [
  {
    name: 'contracts',
    needs: ['contracts/**/*.sol'],
    inputs: ['contracts/**/*.sol', 'test/**/*.sol', 'hardhat.config.ts', 'scripts/hardhat/*.ts'],
    outputs: ['artifacts', 'types'],
    after: [],
    command: ['hardhat', 'build'],
  },
  {
    name: 'abis',
    needs: ['contracts/**/*.sol', 'scripts/generate-abis.ts'],
    inputs: ['scripts/generate-abis.ts'],
    outputs: ['sdk/src/abis.ts'],
    after: ['contracts'],
    command: ['node', 'scripts/generate-abis.ts'],
  },
  {
    name: 'assembly',
    needs: ['scripts/generate-assembly.ts'],
    inputs: [
      'sdk/assembly/**',
      'sdk/src/vm/isa.ts',
      'sdk/src/vm/fast/layout.ts',
      'scripts/generate-assembly.ts',
      'scripts/assembly/**',
    ],
    outputs: ['sdk/src/vm/fast/modules/engine.ts', 'sdk/src/vm/fast/modules/hashing.ts'],
    after: [],
    command: ['node', 'scripts/generate-assembly.ts'],
  },
  {
    name: 'sdk',
    needs: ['sdk/src/index.ts'],
    inputs: ['sdk/src/**', 'sdk/tsconfig.json', 'sdk/package.json', 'tsconfig.base.json'],
    outputs: ['sdk/dist/index.js'],
    after: ['abis', 'assembly'],
    command: ['tsc', '-p', 'sdk'],
  },
  {
    name: 'runner',
    needs: ['runner/src/bin.ts'],
    inputs: ['runner/src/**', 'runner/tsconfig.json', 'runner/package.json', 'tsconfig.base.json'],
    outputs: ['runner/dist/bin.js'],
    after: ['sdk'],
    command: ['tsc', '-p', 'runner'],
  },
  {
    name: 'examples',
    needs: ['examples/build.ts'],
    inputs: [
      ...['examples/**', '!examples/build/**', '!examples/**/test/**', '!examples/test/**'],
      'runner/guest/assembly/**',
    ],
    outputs: ['examples/build'],
    after: [],
    command: ['node', 'examples/build.ts'],
  },
]

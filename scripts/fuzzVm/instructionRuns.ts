import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const bin = (path: string) => join(root, 'node_modules', path)
const hardhat = [bin('hardhat/dist/src/cli.js'), 'test', 'mocha', '--no-compile']
const mocha = [bin('mocha/bin/mocha.js'), '--no-config', '--timeout', '600000']

/** Tests that compare instructions one by one, and what each is given for a number of cases. */
type Run = {
  name: string
  command: readonly string[]
  files: readonly string[]
  cases: (cases: number) => object
}

const runs: readonly Run[] = [
  {
    name: 'reference = V8',
    command: mocha,
    files: ['sdk/test/vm.numeric.test.ts', 'sdk/test/vm.reference.test.ts'],
    cases: (cases) => ({ FUZZ_RUNS: cases }),
  },
  {
    name: 'fast = reference',
    command: mocha,
    files: ['sdk/test/vm.fast.numeric.test.ts', 'sdk/test/vm.fast.instructions.test.ts'],
    cases: (cases) => ({ VM_CASES: cases }),
  },
  {
    name: 'fast = reference, programs of random words',
    command: mocha,
    files: ['sdk/test/vm.fast.test.ts'],
    // each is compared at every step
    cases: (cases) => ({ VM_RUNS: Math.ceil(cases / 5) }),
  },
  {
    name: 'Solidity = V8',
    command: hardhat,
    files: ['test/vm/integers.test.ts', 'test/vm/float.test.ts'],
    cases: (cases) => ({ ASSAY_FUZZ_CASES: cases }),
  },
  {
    // 100 cases in a call; each case of a call of its own takes many times as long
    name: 'OneStepVM = reference, whole witnesses',
    command: hardhat,
    files: ['test/vm/steps.test.ts', 'test/vm/repeats.test.ts', 'test/vm/programs.test.ts'],
    cases: (cases) => ({
      ASSAY_FUZZ_BATCHED: cases,
      ASSAY_FUZZ_CASES: Math.ceil(cases / 20),
      ASSAY_FUZZ_PROGRAMS: Math.ceil(cases / 20),
    }),
  },
]

/**
 * Runs the random tests of single instructions with more cases than `npm test` has for them.
 * @param seed - Of all of them.
 * @returns the names of those that failed
 */
export function runInstructions(cases: number, seed: number): string[] {
  const failed: string[] = []
  for (const { name, command, files, cases: asked } of runs) {
    const wanted = Object.entries(asked(cases)).map(([key, value]) => [key, String(value)])
    const env = {
      ...process.env,
      FUZZ_SEED: String(seed),
      VM_SEED: String(seed),
      ...Object.fromEntries(wanted),
    }
    const started = performance.now()
    const args = ['--conditions=assay-source', ...command, ...files]
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
    const seconds = ((performance.now() - started) / 1_000).toFixed(0)
    const settings = wanted.map(([key, value]) => `${key}=${value}`).join(' ')
    const passed = /(\d+) passing/.exec(stdout)?.[1] ?? 0
    console.log(
      `${name}: ${status === 0 ? `${passed} tests passed` : 'FAILED'} in ${seconds} s (${settings} FUZZ_SEED=${seed})`,
    )
    if (status === 0) continue
    failed.push(name)
    console.log(stdout.slice(-4_000))
  }
  return failed
}

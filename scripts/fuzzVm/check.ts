import { type Environment, translate } from '../../sdk/src/vm/index.ts'
import { Random } from '../../sdk/test/helpers/vmStates.ts'
import { spectest } from '../spec/environment.ts'
import { binaryenModule, fuzzingSupport } from './binaryen.ts'
import { checkCalls } from './checkCalls.ts'
import { checkProgram, DisagreementError } from './checkProgram.ts'
import { randomModule } from './module.ts'

/** What the modules of a run did, all together. */
export class Summary {
  modules = 0
  steps = 0
  states = 0
  readonly endings = new Map<string, number>()

  count(ending: string, by = 1): void {
    this.endings.set(ending, (this.endings.get(ending) ?? 0) + by)
  }

  toString(): string {
    const endings = [...this.endings].sort(([, a], [, b]) => b - a).map(([name, n]) => `${n} ${name}`)
    const { modules, steps, states } = this
    return `${modules} modules, ${steps} steps of programs, ${states} states compared; endings: ${endings.join(', ')}`
  }
}

/** Where engines part, with the module that shows it. */
export type Failure = { seed: number; message: string; bytes: Uint8Array }

const anyModule: Environment = { ...spectest, programsOnly: false }

/** Makes the module of a seed and compares the engines on it. What comes of it follows from the seed alone. */
export async function checkSeed(seed: number, summary: Summary): Promise<Failure | undefined> {
  const random = new Random(seed)
  const isProgram = random.chance(60)
  const size = random.pick([1, 1, 2, 4])
  const { bytes } = randomModule({ random, isProgram, size })
  return checkModule({ seed, bytes, isProgram, random, summary })
}

/** The same with a module of binaryen's fuzzer. */
export async function checkBinaryenSeed(seed: number, summary: Summary): Promise<Failure | undefined> {
  const random = new Random(seed)
  const bytes = binaryenModule(random)
  return checkModule({ seed, bytes, isProgram: false, random, summary, environment: fuzzingSupport })
}

/** Compares the engines on a module. */
export async function checkModule({
  seed,
  bytes,
  isProgram,
  random,
  summary,
  environment = anyModule,
}: {
  seed: number
  bytes: Uint8Array<ArrayBuffer>
  isProgram: boolean
  random: Random
  summary: Summary
  environment?: Environment
}): Promise<Failure | undefined> {
  summary.modules++
  try {
    if (isProgram) {
      const { ending, steps, states } = checkProgram(translate(bytes), random)
      summary.steps += steps
      summary.states += states
      summary.count(ending)
    } else {
      for (const [ending, times] of await checkCalls(translate(bytes, { environment }), random))
        summary.count(`call ${ending}`, times)
    }
    return undefined
  } catch (error) {
    const message = error instanceof DisagreementError ? error.message : `${(error as Error).stack ?? error}`
    return { seed, message, bytes }
  }
}

import type { Program } from '../../sdk/src/vm/index.ts'
import type { Contents, EngineName, Instance, Outcome, SpecEngine } from './engines.ts'
import { contentsDifference, difference } from './judge.ts'

/** What an invocation led to on all engines that are still asked. */
export type Invoked = {
  /** Of those that came to an end. */
  readonly outcomes: readonly { readonly name: EngineName; readonly outcome: Outcome }[]
  /** Where the others part from the first of them. */
  readonly differences: readonly string[]
  /** Those that gave up now, and are not asked again: nobody knows what the invocation would have left behind. */
  readonly gaveUp: readonly EngineName[]
}

/** One module on several engines, which have to agree. */
export class Instances {
  readonly program: Program
  #alive: { readonly name: EngineName; readonly instance: Instance }[]

  /** The start function is not called yet. */
  constructor(program: Program, engines: readonly SpecEngine[], stepLimit?: bigint) {
    this.program = program
    this.#alive = engines.map(({ name, instantiate }) => ({
      name,
      instance: instantiate(program, stepLimit),
    }))
  }

  /** Calls a function with the bits of its arguments, on each engine. */
  async invoke(functionIndex: number, args: readonly bigint[]): Promise<Invoked> {
    const ended: { name: EngineName; outcome: Outcome; contents: Contents }[] = []
    const gaveUp: EngineName[] = []
    for (const { name, instance } of this.#alive) {
      const outcome = await instance.invoke(functionIndex, args)
      if (outcome.ending === 'unfinished') gaveUp.push(name)
      else ended.push({ name, outcome, contents: instance.contents() })
    }
    this.#alive = this.#alive.filter(({ name }) => !gaveUp.includes(name))

    const [first, ...others] = ended
    const differences = others.flatMap(({ name, outcome, contents }) => {
      const where = difference(first!.outcome, outcome) ?? contentsDifference(first!.contents, contents)
      return where === undefined ? [] : [`${first!.name} and ${name} differ: ${where}`]
    })
    return { outcomes: ended.map(({ name, outcome }) => ({ name, outcome })), differences, gaveUp }
  }

  /** The bits of a global on each engine. */
  globals(index: number): { name: EngineName; bits: bigint | undefined }[] {
    return this.#alive.map(({ name, instance }) => ({ name, bits: instance.contents().globals?.[index] }))
  }
}

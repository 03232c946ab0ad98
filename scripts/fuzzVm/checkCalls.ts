import type { Program } from '../../sdk/src/vm/index.ts'
import { edges, type Random } from '../../sdk/test/helpers/vmStates.ts'
import type { SpecEngine } from '../spec/engines.ts'
import { fast } from '../spec/fast.ts'
import { Instances } from '../spec/instances.ts'
import { native, nativeFastBuild } from '../spec/native.ts'
import { reference } from '../spec/reference.ts'
import { DisagreementError } from './checkProgram.ts'

const engines: readonly SpecEngine[] = [reference, fast, native, nativeFastBuild]
const stepLimit = 20_000n
const rounds = 2

/**
 * Calls each exported function of a module with random arguments, on all engines, which have to agree after each call on results,
 * traps, steps, memory and globals.
 * @returns how many calls there were, and how they ended
 * @throws {DisagreementError}
 */
export async function checkCalls(program: Program, random: Random): Promise<Map<string, number>> {
  const instances = new Instances(program, engines, stepLimit)
  const { start, exports, functions } = program.module
  const called = exports.filter(({ kind }) => kind === 'function').map(({ index }) => index)
  const order = [...(start === undefined ? [] : [start]), ...Array(rounds).fill(called).flat()]
  const endings = new Map<string, number>()
  for (const index of order as number[]) {
    const args = Array.from(functions[index]!.params, (type) => {
      const bits = random.chance(60) ? random.pick(edges) : random.u64()
      return type === 0x7f || type === 0x7d ? BigInt.asUintN(32, bits) : bits
    })
    const { outcomes, differences, gaveUp } = await instances.invoke(index, args)
    const call = `function ${index} of (${args.join(', ')})`
    if (differences.length > 0) throw new DisagreementError(`${call}: ${differences[0]}`)
    // a trap of the fast build may come after the end of the steps, and leaves the decision to the other one
    const ended = outcomes.filter(
      ({ name, outcome }) => name !== nativeFastBuild.name || outcome.ending !== 'trapped',
    )
    if (gaveUp.length > 0 && ended.length > 0)
      throw new DisagreementError(
        `${call}: ${gaveUp.join(', ')} took more than ${stepLimit} steps, ${ended[0]!.name} did not`,
      )
    const outcome = gaveUp.length > 0 ? undefined : outcomes[0]?.outcome
    const name =
      outcome === undefined
        ? 'unfinished'
        : outcome.ending === 'trapped'
          ? `trapped ${outcome.reason}`
          : 'returned'
    endings.set(name, (endings.get(name) ?? 0) + 1)
    if (outcome === undefined) break
  }
  return endings
}

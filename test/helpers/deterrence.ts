/**
 * What re-execution finds and what that deters: the arithmetic of `docs/design/deterrence.md`, in exact fractions. Tasks are
 * drawn without repetition, each as likely as any other.
 */

/** A fraction that is not reduced. */
export type Fraction = { over: bigint; under: bigint }

/**
 * The chance that `checked` of `tasks` tasks, drawn at random, hold one of the `altered` ones:
 * `1 − C(tasks − altered, checked) / C(tasks, checked)`.
 */
export function detection(tasks: number, altered: number, checked: number): Fraction {
  const [few, many] = altered < checked ? [altered, checked] : [checked, altered]
  let [missed, under] = [1n, 1n]
  for (let i = 0; i < few; i++) {
    missed *= BigInt(Math.max(0, tasks - many - i))
    under *= BigInt(tasks - i)
  }
  return { over: under - missed, under }
}

/** Whether a fraction of `loss` reaches `gain`. */
export const reaches = ({ over, under }: Fraction, loss: bigint, gain: bigint): boolean =>
  over * loss >= gain * under

export const toNumber = ({ over, under }: Fraction): number => Number((over * 10n ** 15n) / under) / 1e15

/**
 * The fewest tasks to check so that lying about `altered` of them does not pay: detection × loss ≥ gain. Null where even all
 * of them are too few.
 */
export function tasksToCheck(parameters: {
  tasks: number
  altered: number
  gain: bigint
  loss: bigint
}): number | null {
  const { tasks, altered, gain, loss } = parameters
  let [least, enough] = [0, tasks + 1]
  while (least < enough) {
    const middle = Math.floor((least + enough) / 2)
    if (middle > tasks || reaches(detection(tasks, altered, middle), loss, gain)) enough = middle
    else least = middle + 1
  }
  return enough > tasks ? null : enough
}

/**
 * What a requester checks of a claim by default: so many that a lie about one task costs, by half of the bond, twice that
 * task's part of the price.
 */
export function defaultChecks(tasks: number, price: bigint, bond: bigint): number {
  const checks = (4n * price + bond - 1n) / bond
  return checks < BigInt(tasks) ? Number(checks) : tasks
}

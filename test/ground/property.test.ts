import { expect } from 'chai'
import { forAll, units, untilPatienceEnds } from '../helpers/property.ts'

describe('Properties of the contract tests', () => {
  /** Fails from some amount on, each time a second later. */
  function failing() {
    let seconds = 0
    const seen: bigint[] = []
    const holds = untilPatienceEnds(
      async (amount: bigint) => {
        seen.push(amount)
        if (amount > 1_000n) throw new RangeError('too large')
      },
      () => 1_000 * seconds++,
    )
    return { holds, seen }
  }

  const reported = (check: Promise<void>) =>
    check.then(
      () => 'nothing',
      (error: Error) => error.message,
    )

  it('report a failure after a few attempts at a simpler one', async () => {
    const { holds, seen } = failing()
    const message = await reported(forAll([units], holds))
    const first = seen.findIndex((amount) => amount > 1_000n)
    expect(seen.length - first).to.be.within(2, 4)
    const simplest = seen.filter((amount) => amount > 1_000n).at(-1)
    expect(message).to.match(/seed: -?\d+, path: /)
    expect(message).to.contain(`Counterexample: [${simplest}n]`)
  })

  it('try every case as long as none fails', async () => {
    let cases = 0
    const counted = untilPatienceEnds(async () => {
      cases += 1
    })
    await forAll([units], counted, 50)
    expect(cases).to.equal(Number(process.env.FUZZ_RUNS ?? 50))
  })
})

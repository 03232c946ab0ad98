import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { deviation, expectedShare, simulate, simulations } from '../../bench/deterrence.ts'
import { defaultParameters as p } from '../../ignition/modules/Assay.ts'
import { defaultChecks, detection, reaches, tasksToCheck, toNumber } from '../helpers/deterrence.ts'

const page = readFileSync(new URL('../../docs/design/deterrence.md', import.meta.url), 'utf8')
const TASKS = 10_000
/** The price, in units that all shares of it are whole numbers of. */
const PRICE = 1_000_000_000n

function tableBelow(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const rounded = (value: number, digits: number) =>
  value.toLocaleString('en', { maximumFractionDigits: digits, useGrouping: true })
const percent = (share: number, digits = 2) => `${rounded(100 * share, digits)} %`
/** A multiple of the price. */
const prices = (units: number) => `${rounded(Math.abs(units) / Number(PRICE), 4)} P`
const signed = (units: number) => `${units < 0 ? '−' : '+'}${prices(units)}`
const found = (altered: number, checked: number, tasks = TASKS) =>
  toNumber(detection(tasks, altered, checked))
const bonds = [1n, 2n, 4n, 5n].map((times) => times * PRICE)

describe('docs/design/deterrence.md', () => {
  it('calculates right what is found', () => {
    const rows = [10, 100, 500, 2_000, 10_000].map((checked) => [
      percent(checked / TASKS),
      ...[1, 10, 100, 1_000].map((altered) => percent(found(altered, checked))),
    ])
    expect(tableBelow('What is found')).to.deep.equal(rows)
  })

  it('calculates right what invented results gain and lose', () => {
    const loss = PRICE + (8n * PRICE) / 10n
    const rows = [0, 1, 4, 64].map((checked) => [
      `${checked}`,
      ...[1, 100, 5_000, TASKS].map((altered) => {
        const saved = (PRICE * BigInt(altered)) / BigInt(TASKS)
        return signed(Number(saved) - found(altered, checked) * Number(loss))
      }),
    ])
    expect(tableBelow('Saving work: one random task is enough')).to.deep.equal(rows)
  })

  it('calculates right what a bond deters', () => {
    const rows = bonds.map((bond) =>
      [500, 2_000, TASKS].map((checked) => prices(found(1, checked) * Number(bond / 2n))),
    )
    expect(tableBelow('Lying for somebody: the bond is the limit').map((row) => row.slice(1))).to.deep.equal(
      rows,
    )
    const goal = (bond: bigint) =>
      tasksToCheck({ tasks: TASKS, altered: 1, gain: 2n * PRICE, loss: bond / 2n })
    expect(bonds.map(goal)).to.deep.equal([null, null, TASKS, (TASKS * 4) / 5])
  })

  it('calculates right what a requester checks', () => {
    const rows = bonds.slice(0, 3).map((bond) => {
      const checks = defaultChecks(64, PRICE, bond)
      return [`${checks}`, ...[1, 32, 64].map((altered) => percent(found(altered, checks, 64)))]
    })
    expect(tableBelow('What a requester checks by default').map((row) => row.slice(1))).to.deep.equal(rows)
  })

  it('calculates right when watching for gain pays', () => {
    const cost = Number(PRICE) / 2 / TASKS
    const least = (altered: number, checked: number, bond: bigint) =>
      percent((checked * cost) / (found(altered, checked) * 0.2 * Number(bond)))
    const rows = [
      [TASKS, 1],
      [100, 100],
      [1, 1],
    ].map(([altered = 0, checked = 0]) => bonds.slice(0, 2).map((bond) => least(altered, checked, bond)))
    expect(tableBelow('What a watcher earns').map((row) => row.slice(1))).to.deep.equal(rows)
    expect(least(1, 5_000, PRICE)).to.equal(least(1, 1, PRICE))
  })
})

describe('Deterrence', () => {
  it('of saving work takes one random task, whatever is altered and whoever colludes', () => {
    for (const tasks of [1, 2, 9, 64, 1_000]) {
      for (let altered = 1; altered <= tasks; altered++) {
        const saved = (PRICE * BigInt(altered)) / BigInt(tasks)
        expect(
          reaches(detection(tasks, altered, 1), PRICE + PRICE / 2n, saved),
          `${altered} of ${tasks}`,
        ).to.equal(true)
      }
    }
  })

  it('by the default number of tasks: twice what one task costs, and no lie worth twice its tasks pays', () => {
    for (const tasks of [1, 2, 9, 64, 1_000]) {
      for (const bond of [PRICE / 5n, PRICE, (3n * PRICE) / 2n, ...bonds]) {
        const checked = defaultChecks(tasks, PRICE, bond)
        const task = PRICE / BigInt(tasks)
        const half = bond / 2n
        if (checked < tasks) expect(reaches(detection(tasks, 1, checked), half, 2n * task)).to.equal(true)
        for (let altered = 1; altered <= tasks; altered++) {
          const { over, under } = detection(tasks, altered, checked)
          const worth = BigInt(altered) * task
          const loses = over * (PRICE + half)
          const wins = (under - over) * 2n * worth + under * worth
          expect(loses >= wins, `${altered} of ${tasks}, bond ${bond}`).to.equal(true)
        }
      }
    }
  })

  it('counts with the bonds of the local rules', () => {
    expect([p.bondBps, p.surchargeBps]).to.deep.equal([10_000, 10_000])
  })
})

describe('The draws of a watcher', () => {
  const seed = keccak256(toHex(process.env['FUZZ_SEED'] ?? 'deterrence'))

  for (const simulation of simulations.filter(({ tasks, watchers }) => tasks * watchers <= TASKS)) {
    const { tasks, altered, share } = simulation
    it(`find ${altered} altered of ${tasks} by ${100 * share} % as often as calculated`, () => {
      const claims = tasks === TASKS ? 60 : 600
      const drawn = simulate(simulation, claims, seed)
      const off = deviation(drawn, expectedShare(simulation), claims)
      expect(off, `seed ${seed}: found ${drawn}`).to.be.lessThan(4)
    })
  }
})

import { expect } from 'chai'
import { keccak256, numberToHex, toHex } from 'viem'
import { chanceOf, type Draw, drawSize, drawsFor, drawTasks, drawTurn } from '../src/core/sample.ts'

const secret = keccak256(toHex('secret'))
const jobs = (count: number) => Array.from({ length: count }, (_, i) => numberToHex(i, { size: 32 }))
const [jobId = secret, otherJob = secret] = jobs(2)

const drawSample = (tasks: number, chance: number, draw: Draw): number[] =>
  drawTasks(tasks, drawSize(tasks, chance, draw), draw)

describe('drawsFor', () => {
  it('gives the same numbers at every start, and others for another secret or job', () => {
    const some = (draw: () => number) => Array.from({ length: 9 }, draw)
    const first = some(drawsFor(secret, jobId))
    expect(some(drawsFor(secret, jobId))).to.deep.equal(first)
    expect(some(drawsFor(keccak256(secret), jobId))).not.to.deep.equal(first)
    expect(some(drawsFor(secret, otherJob))).not.to.deep.equal(first)
    expect(new Set(first).size).to.equal(9)
    for (const value of first) expect(value).to.be.within(0, 1)
  })
})

describe('drawSize and drawTasks', () => {
  it('draws all tasks once where the chance is 1, in random order', () => {
    const sample = drawSample(500, 1, drawsFor(secret, jobId))
    expect([...sample].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 500 }, (_, i) => i))
    expect(sample.slice(0, 20)).not.to.deep.equal(Array.from({ length: 20 }, (_, i) => i))
  })

  it('draws none where the chance is 0', () => {
    expect(drawSample(500, 0, drawsFor(secret, jobId))).to.deep.equal([])
  })

  it('draws every task with the same chance, no task twice, and the mean number of tasks rounded by lot', () => {
    const counts = Array.from({ length: 10 }, () => 0)
    const rounds = 4_000
    for (const job of jobs(rounds)) {
      const sample = drawSample(10, 0.25, drawsFor(secret, job))
      expect([2, 3]).to.include(sample.length)
      expect(new Set(sample).size).to.equal(sample.length)
      for (const task of sample) counts[task]!++
    }
    // five standard deviations of 4,000 draws with a chance of a quarter
    for (const count of counts) expect(count).to.be.within(1_000 - 137, 1_000 + 137)
  })

  it('draws from more tasks than fit into memory', () => {
    const sample = drawSample(2 ** 32 - 1, 1e-8, drawsFor(secret, jobId))
    expect(sample.length).to.be.within(42, 43)
    for (const task of sample) expect(task).to.be.within(0, 2 ** 32 - 2)
  })
})

describe('chanceOf', () => {
  const seen = { bonds: 1_000, tasks: 100 }

  it('is the share for claims of the average, and more by as much as a task has more of the bond', () => {
    expect(Math.abs(chanceOf(0.05, { bond: 100n, tasks: 10 }, seen) - 0.05)).to.be.lessThan(1e-12)
    expect(Math.abs(chanceOf(0.05, { bond: 300n, tasks: 10 }, seen) - 0.15)).to.be.lessThan(1e-12)
    expect(chanceOf(0.05, { bond: 100_000n, tasks: 10 }, seen)).to.equal(1)
  })

  it('is never less than the share: large bonds of others hide nothing', () => {
    expect(chanceOf(0.05, { bond: 1n, tasks: 10 }, { bonds: 1e15, tasks: 1 })).to.equal(0.05)
    expect(chanceOf(0.05, { bond: 1n, tasks: 10 }, { bonds: 0, tasks: 0 })).to.equal(0.05)
  })
})

describe('drawTurn', () => {
  it('lets the claim of the larger bond come first as often as it is larger', () => {
    let first = 0
    const rounds = 3_000
    for (const job of jobs(rounds)) {
      const draw = drawsFor(secret, job)
      if (drawTurn(30n, draw) < drawTurn(10n, draw)) first++
    }
    // three quarters, and five standard deviations
    expect(first).to.be.within(2_250 - 119, 2_250 + 119)
  })
})

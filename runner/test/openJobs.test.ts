import { expect } from 'chai'
import type { Hex } from 'viem'
import { OpenJobs } from '../src/provider/openJobs.ts'

const a: Hex = `0x${'0a'.repeat(32)}`
const b: Hex = `0x${'0b'.repeat(32)}`

describe('open jobs', () => {
  const idsAt = (jobs: OpenJobs, time: number) => jobs.due(time).map(({ jobId }) => jobId)

  it('are due in the order of their posting, each once', () => {
    const jobs = new OpenJobs()
    for (const jobId of [b, a, b]) jobs.add(jobId)
    expect(idsAt(jobs, 0)).to.deep.equal([b, a])
    jobs.remove(b)
    expect(idsAt(jobs, 0)).to.deep.equal([a])
  })

  it('are due with the least looked at first, so that none is hidden behind those that come to nothing', () => {
    const jobs = new OpenJobs()
    jobs.add(a)
    for (const open of jobs.due(0)) open.looks++
    jobs.add(b)
    expect(idsAt(jobs, 0)).to.deep.equal([b, a])
  })

  it('are put off for longer each time, and never for long', () => {
    const jobs = new OpenJobs()
    jobs.add(a)
    const [open] = jobs.due(0)
    const delays: number[] = []
    for (let i = 0; i < 10 && open; i++) {
      jobs.postpone(open, 1_000)
      delays.push(open.notBefore - 1_000)
    }
    expect(delays).to.deep.equal([2, 4, 8, 16, 32, 64, 120, 120, 120, 120])
    expect(idsAt(jobs, 1_119)).to.deep.equal([])
    expect(idsAt(jobs, 1_120)).to.deep.equal([a])
  })
})

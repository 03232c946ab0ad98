import { expect } from 'chai'
import { isOnPace, lastLook } from '../src/core/pace.ts'

describe('pace of a job', () => {
  const pace = { tasks: 10, done: 2, startedAt: 100, now: 120, until: 200 }

  it('is kept when the rest fits exactly, and not a second less', () => {
    expect(isOnPace(pace)).to.equal(true)
    expect(isOnPace({ ...pace, until: 199 })).to.equal(false)
  })

  it('is not kept while nothing is finished, however long there is', () => {
    expect(isOnPace({ ...pace, done: 0, until: 1e9 })).to.equal(false)
  })

  it('is kept once everything is finished', () => {
    expect(isOnPace({ ...pace, done: 10, now: 500 })).to.equal(true)
  })

  it('is looked at before the end of the first quarter', () => {
    expect(lastLook(1_600, 600)).to.equal(1_000 + 150 - 30)
  })

  it('is not looked at in short runs', () => {
    expect(lastLook(1_039, 39)).to.equal(Number.POSITIVE_INFINITY)
    expect(lastLook(1_040, 40)).to.equal(1_008)
  })
})

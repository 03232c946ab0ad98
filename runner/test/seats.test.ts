import { seatTimes } from 'assay'
import { expect } from 'chai'
import {
  hasSpoken,
  isCurrent,
  nextSeatMove,
  preferredSeat,
  type SeatMove,
  shortTime,
} from '../src/core/seats.ts'

const terms = {
  seats: 3,
  spares: 3,
  drawBits: 0,
  baseBps: 1_000,
  commitTime: 100,
  revealTime: 50,
  drawTime: 30,
  tag: 0n,
}
const CLAIM_BY = 1_000
const COMMIT_BY = 1_100
const REVEAL_BY = 1_150

const group = { phase: 'first' as const, claimBy: CLAIM_BY, terms, claimed: 3, committed: 0, revealed: 0 }
const silent = { index: 1, commitment: null, vote: null }
const committed = { ...silent, commitment: `0x${'aa'.repeat(32)}` as const }
const revealed = { ...committed, vote: `0x${'bb'.repeat(32)}` as const }

describe('the moves of a seat', () => {
  describe('while the group is not filled', () => {
    const unfilled = { ...group, claimed: 2 }

    it('wait up to the end of claiming, and resolve afterwards', () => {
      expect(nextSeatMove(unfilled, silent, CLAIM_BY)).to.equal('wait')
      expect(nextSeatMove(unfilled, silent, CLAIM_BY + 1)).to.equal('resolve')
    })
  })

  describe('once it is filled', () => {
    it('commit up to the last second of committing', () => {
      expect(nextSeatMove(group, silent, 0)).to.equal('commit')
      expect(nextSeatMove({ ...group, committed: 2 }, silent, COMMIT_BY)).to.equal('commit')
      expect(nextSeatMove({ ...group, committed: 2 }, silent, COMMIT_BY + 1)).to.equal('wait')
    })

    it('reveal once all have committed, or may not any more, up to the last second of revealing', () => {
      expect(nextSeatMove({ ...group, committed: 2 }, committed, COMMIT_BY)).to.equal('wait')
      expect(nextSeatMove({ ...group, committed: 3 }, committed, 0)).to.equal('reveal')
      expect(nextSeatMove({ ...group, committed: 2 }, committed, COMMIT_BY + 1)).to.equal('reveal')
      expect(nextSeatMove({ ...group, committed: 3, revealed: 2 }, committed, REVEAL_BY)).to.equal('reveal')
      expect(nextSeatMove({ ...group, committed: 3, revealed: 2 }, committed, REVEAL_BY + 1)).to.equal(
        'resolve',
      )
    })

    it('resolve once everybody who committed has revealed, or when the time to is over', () => {
      const counts: [committed: number, revealed: number, time: number, move: SeatMove][] = [
        [3, 2, REVEAL_BY, 'wait'],
        [3, 3, 0, 'resolve'],
        [2, 2, COMMIT_BY, 'wait'],
        [2, 2, COMMIT_BY + 1, 'resolve'],
        [3, 2, REVEAL_BY + 1, 'resolve'],
        [0, 0, COMMIT_BY + 1, 'resolve'],
      ]
      for (const [c, r, time, move] of counts) {
        const seat = c === 0 ? silent : revealed
        expect(
          nextSeatMove({ ...group, committed: c, revealed: r }, seat, time),
          `${c} ${r} ${time}`,
        ).to.equal(move)
      }
    })
  })

  describe('once the group has escalated', () => {
    const later = { ...group, phase: 'escalated' as const, claimed: 3 }
    const spare = { ...silent, index: 3 }

    it('are those of its spares, with times of their own', () => {
      expect(seatTimes(later)).to.deep.equal({ claimBy: 1_180, commitBy: 1_280, revealBy: 1_330 })
      expect(nextSeatMove(later, spare, 1_280)).to.equal('commit')
      expect(nextSeatMove(later, revealed, 1_280)).to.equal('wait')
      expect(nextSeatMove({ ...later, committed: 3, revealed: 3 }, revealed, 1_200)).to.equal('resolve')
      expect([isCurrent(spare, later), isCurrent(revealed, later)]).to.deep.equal([true, false])
      expect([isCurrent(spare, group), isCurrent(revealed, group)]).to.deep.equal([false, true])
    })
  })

  it('are over with the group', () => {
    expect(nextSeatMove({ ...group, phase: 'closed' }, committed, 0)).to.equal('over')
  })
})

describe('the times of a group', () => {
  it('are long enough to compute, and to reveal', () => {
    const { terms } = group
    expect(shortTime(terms, 50)).to.equal(undefined)
    expect(shortTime(terms, 51)).to.equal('50 s to reveal, the policy needs 51 s')
    expect(shortTime(terms, 100)).to.equal('50 s to reveal, the policy needs 100 s')
    expect(shortTime(terms, 101)).to.equal('100 s to run, the policy needs 101 s')
    expect(shortTime({ ...terms, revealTime: 100 }, 100)).to.equal(undefined)
  })
})

describe('a seat has spoken', () => {
  it('when it has revealed, and when it cannot commit or reveal any more', () => {
    expect(hasSpoken(group, revealed, 0)).to.equal(true)
    expect(hasSpoken(group, silent, COMMIT_BY)).to.equal(false)
    expect(hasSpoken(group, silent, COMMIT_BY + 1)).to.equal(true)
    expect(hasSpoken(group, committed, REVEAL_BY)).to.equal(false)
    expect(hasSpoken(group, committed, REVEAL_BY + 1)).to.equal(true)
    expect(hasSpoken({ ...group, phase: 'closed' }, committed, 0)).to.equal(true)
  })
})

describe('the seat that is tried for first', () => {
  const jobs = ['a', 'b', 'c']

  it('is another one for other addresses, and the next one that is open', () => {
    const firsts = [3, 4, 5].map((n) => preferredSeat(jobs, `0x${n.toString(16)}`, () => true))
    expect(firsts).to.deep.equal(['a', 'b', 'c'])
    expect(preferredSeat(jobs, '0x5', (job) => job !== 'c')).to.equal('a')
    expect(preferredSeat(jobs, '0x5', () => false)).to.equal(undefined)
    expect(preferredSeat([], '0x5', () => true)).to.equal(undefined)
  })
})

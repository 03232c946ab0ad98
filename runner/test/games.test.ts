import type { DisputeNode, Game } from 'assay/dispute'
import { expect } from 'chai'
import { findGames, nodeText, parseGameId } from '../src/cli/games.ts'
import { UsageError } from '../src/errors.ts'

const result = (level: number, index: number) => ({ isTrace: false, level, index }) as DisputeNode
const trace = (from: bigint, to: bigint) =>
  ({ isTrace: true, level: 0, index: 5, steps: 1_234_567n, from, to }) as DisputeNode

describe('nodeText', () => {
  it('says in words which tasks or steps are in dispute', () => {
    expect(nodeText(result(4, 0), 10)).to.equal('all 10 tasks')
    expect(nodeText(result(2, 1), 10)).to.equal('tasks 4–7')
    expect(nodeText(result(2, 2), 10)).to.equal('tasks 8–9')
    expect(nodeText(result(2, 3), 10)).to.equal('padding beyond the last task')
    expect(nodeText(result(0, 3), 10)).to.equal('result of task 3')
    expect(nodeText(trace(1_000n, 2_000n), 10)).to.equal('steps 1,000–2,000 of task 5 (1,234,567 in all)')
    expect(nodeText(trace(1_000n, 1_001n), 10)).to.equal('step 1,000 of task 5')
  })
})

describe('findGames', () => {
  const game = (gameId: string, jobId: string) =>
    ({ gameId, position: { claim: { jobId } } }) as unknown as Game
  const games = [game('0xabcd01', '0x1111aa'), game('0xabcd02', '0x1111aa'), game('0xEEEE03', '0x2222bb')]

  it('finds games by the beginning of their ids, and by the job', () => {
    const ids = (id: string) => findGames(games, parseGameId(id)).map(({ gameId }) => gameId)
    expect(ids('0xabcd01')).to.deep.equal(['0xabcd01'])
    expect(ids('0xABCD')).to.deep.equal(['0xabcd01', '0xabcd02'])
    expect(ids('0x1111')).to.deep.equal(['0xabcd01', '0xabcd02'])
    expect(ids('0xeeee')).to.deep.equal(['0xEEEE03'])
  })

  it('says so where there is none', () => {
    expect(() => findGames(games, '0x9999')).to.throw(UsageError)
    for (const text of ['0x12', 'abcd', '0xzzzz']) expect(() => parseGameId(text)).to.throw()
  })
})

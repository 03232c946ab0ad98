import { expect } from 'chai'
import type { Hex } from 'viem'
import { challengerMoves, firstMoves } from '../src/dispute/challenger.ts'
import { gameIdOf, nodeIdOf, positionHash } from '../src/dispute/ids.ts'
import { Player } from '../src/dispute/knowledge.ts'
import type { Situation } from '../src/dispute/moves.ts'
import { providerMove } from '../src/dispute/provider.ts'
import { rootNode } from '../src/dispute/results.ts'
import {
  DisputeBondTooSmallError,
  DisputeClaimNotRejectedError,
  DisputeGameExistsError,
  DisputeNotProviderError,
  type DisputePosition,
  DisputeTooEarlyError,
  DisputeWrongPositionError,
  disputeGameAbi,
  type GameRules,
  type MarketClient,
} from '../src/index.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { disputedJob, fileOf, lie, otherOutput, rootOf } from './helpers/disputes.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

describe('actions of the dispute game', () => {
  const job = disputedJob(3)
  const { knowledge } = lie(job, 1, { outputRoot: otherOutput }, 40n)
  const [watcher, liar] = [new Player(job.truth), new Player(knowledge)]
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let keeper: MarketClient
  let eve: MarketClient
  let rules: GameRules
  let jobId: Hex
  let gameId: Hex
  let revert: () => Promise<void>

  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    ;[keeper, eve] = [chain.client('keeper'), chain.client('eve')]
    await keeper.depositSync({ amount: units('100') })
    await eve.depositSync({ amount: units('100') })
    rules = await keeper.getGameRules({ game: chain.disputeGame })
    const terms = await someTerms(chain, { ...job.terms, window: 600 })
    ;({ jobId } = await requester.postSync({ terms }))
    await provider.claimSync({ jobId })
    await provider.submitSync({ jobId, ...rootOf(knowledge.rows) })
    const challenger = chain.accounts.keeper.address
    gameId = gameIdOf({ market: chain.market, jobId, challenger })
  })
  beforeEach(async () => {
    revert = await chain.snapshot()
  })
  afterEach(() => revert())
  after(() => chain.close())

  async function situationOf(position: DisputePosition): Promise<Situation> {
    const { games, postings } = await keeper.getGames({ game: chain.disputeGame, jobId })
    const { path } = games.find((one) => one.gameId === gameId)!
    const now = await chain.now()
    return { gameId, position, postings, path: path.slice(0, -1).map(({ node }) => node), rules, now }
  }

  async function answer(position: DisputePosition): Promise<Hex> {
    const { moves } = await providerMove(await situationOf(position), liar)
    return moves[0]?.name === 'post' ? moves[0].data : '0x'
  }

  it('should play a game from its opening to the step', async () => {
    const opened = await keeper.openChallengeSync({ jobId })
    expect(opened.gameId).to.equal(gameId)
    expect(opened.bond).to.equal(await keeper.getChallengeBond({ jobId, spare: 1 }))
    let position = opened.position!
    const of = { abi: disputeGameAbi, address: chain.disputeGame } as const
    const stored = await keeper.readContract({ ...of, functionName: 'gameOf', args: [gameId] })
    expect(stored.positionHash).to.equal(positionHash(position))

    const names: string[] = []
    for (let round = 0; round < 20; round++) {
      const situation = await situationOf(position)
      const { moves } = await challengerMoves(situation, watcher)
      const [first] = moves
      if (first === undefined) {
        const posted = await provider.postNodeSync({ gameId, position, data: await answer(position) })
        expect(posted.nodeId).to.equal(nodeIdOf({ market: chain.market, jobId, node: position.node }))
        names.push('post')
        continue
      }
      const { move } = first
      const known = situation.postings.get(nodeIdOf({ market: chain.market, jobId, node: position.node }))
      const posting = known && { root: known.root, postedAt: known.postedAt }
      names.push(move.name)
      const outcome =
        move.name === 'descend'
          ? await keeper.descendSync({ position, posting, to: move.to })
          : move.name === 'enter'
            ? await keeper.enterTraceSync({ position, posting, entry: move.entry })
            : move.name === 'pick'
              ? await keeper.pickSegmentSync({ position, posting: posting!, to: move.to })
              : await eve.proveStepSync({ gameId, position, witness: (move as { witness: Hex }).witness })
      expect(outcome.gameId).to.equal(gameId)
      if (outcome.position === undefined) {
        expect(outcome.reason).to.equal('wrongStep')
        break
      }
      position = outcome.position
    }
    expect(names.slice(0, 4)).to.deep.equal(['post', 'descend', 'enter', 'post'])
    expect(names.at(-1)).to.equal('prove')
    const [game] = (await keeper.getGames({ game: chain.disputeGame })).games
    expect(game).to.include({ status: 'won', reason: 'wrongStep', gameId })
  })

  it('should begin where what is published leads to', async () => {
    const { resultRoot, totalSteps } = rootOf(knowledge.rows)
    const root = rootNode({ hash: resultRoot, steps: totalSteps }, 3)
    const first = firstMoves(3, root, new Player({ ...job.truth, published: fileOf(knowledge.rows) }))
    if (typeof first === 'string') expect.fail(first)
    const { position, bond } = await keeper.openChallengeSync({ jobId, first, bond: units('1') })
    expect(bond).to.equal(units('1'))
    expect(position).to.deep.include({ moves: 3 })
    expect(position!.node).to.include({ isTrace: true, index: 1, from: 0n, to: job.results[1]!.steps })
    const hash = await provider.postNodes({
      answers: [{ gameId, position: position!, data: await answer(position!) }],
    })
    expect((await provider.getTransactionReceipt({ hash })).status).to.equal('success')
    expect((await keeper.getGames({ game: chain.disputeGame, jobId })).postings.size).to.equal(1)
  })

  it('should end by time, and pay what others decided', async () => {
    const { position } = await keeper.openChallengeSync({ jobId })
    const other = await eve.openChallengeSync({ jobId })
    await rejection(keeper.timeOutGame({ gameId, position: position! }), DisputeTooEarlyError)
    const { gameId: otherId, position: otherPosition } = other
    await rejection(
      eve.collectReward({ gameId: otherId, position: otherPosition! }),
      DisputeClaimNotRejectedError,
    )
    await chain.pass(11)
    expect(await requester.timeOutGameSync({ gameId, position: position! })).to.include({
      reason: 'providerLate',
    })
    const { bond, reward } = await requester.collectRewardSync({
      gameId: other.gameId,
      position: other.position!,
    })
    expect([bond === other.bond, reward > 0n]).to.deep.equal([true, true])
    const { games } = await keeper.getGames({ game: chain.disputeGame, jobId })
    expect(games.map(({ status, paid }) => [status, paid! > bond])).to.deep.equal([
      ['won', true],
      ['collected', true],
    ])
  })

  it('should tell what the game refuses', async () => {
    const small = await rejection(keeper.openChallenge({ jobId, bond: 1n }), DisputeBondTooSmallError)
    expect(small.needed).to.equal(await keeper.getChallengeBond({ jobId, spare: 0 }))
    const { position } = await keeper.openChallengeSync({ jobId })
    await rejection(keeper.openChallenge({ jobId }), DisputeGameExistsError)
    const data = await answer(position!)
    await rejection(eve.postNode({ gameId, position: position!, data }), DisputeNotProviderError)
    const elsewhere = { ...position!, moves: 2 }
    const refused = provider.postNode({ gameId, position: elsewhere, data })
    const wrong = await rejection(refused, DisputeWrongPositionError)
    expect(wrong.given).to.equal(positionHash(elsewhere))
    expect(wrong.facts).to.have.property('Game', gameId)
  })
})

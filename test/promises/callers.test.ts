import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import type { World } from '../helpers/fixtures.ts'
import { commitTo, type Group, reveal, seatedGroup, seatsOf } from '../helpers/groups.ts'
import {
  awaitingKey,
  claimed,
  claimedSigned,
  type Job,
  KEY,
  keyBy,
  keyed,
  post,
  RESULT_ROOT,
  runBy,
  submit,
  submitted,
  windowEnd,
} from '../helpers/jobs.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { type JobPerStatus, jobPerStatus, STATUSES, type Status } from '../helpers/statuses.ts'
import { at } from '../helpers/time.ts'

const PEOPLE = ['requester', 'provider', 'rival', 'keeper', 'hook', 'eve', 'owner', 'treasury'] as const
type Caller = (typeof PEOPLE)[number] | 'mediator' | 'timelock'
const CALLERS: readonly Caller[] = [...PEOPLE, 'mediator', 'timelock']

/** Every function that moves one job. */
const CALLS = {
  accept: (id: string) => [id],
  cancel: (id: string) => [id],
  challengeClosed: (id: string) => [id],
  challengeOpened: (id: string) => [id],
  claim: (id: string) => [id],
  conclude: (id: string) => [id, ethers.ZeroHash, 0n, false],
  deliverKey: (id: string) => [id, KEY],
  fail: (id: string) => [id],
  freezeBond: (id: string) => [id],
  reject: (id: string) => [id, 0n],
  release: (id: string) => [id],
  settle: (id: string) => [id],
  submit: (id: string) => [id, RESULT_ROOT, 1n],
} as const
type Call = keyof typeof CALLS
const NAMES = Object.keys(CALLS) as Call[]

/** Who may do what to a job in each status; what is not here is refused. */
const ALLOWED: Partial<Record<Status, Partial<Record<Call, readonly Caller[]>>>> = {
  Open: { cancel: ['requester'], claim: ['provider', 'rival'] },
  Expired: { cancel: CALLERS },
  AwaitingKey: { deliverKey: ['requester'] },
  Keyless: { release: CALLERS },
  Claimed: { release: ['provider'], submit: ['provider'] },
  Overdue: { fail: CALLERS },
  Seated: { conclude: ['mediator'], freezeBond: ['mediator'] },
  Submitted: { accept: ['requester'], challengeOpened: ['hook'] },
  Disputed: { challengeOpened: ['hook'], challengeClosed: ['hook'], reject: ['hook'] },
  Settleable: { accept: ['requester'], settle: CALLERS },
}

describe('Who may move a job, and when', () => {
  describe('for every caller, call and status', () => {
    let world: JobPerStatus

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(jobPerStatus)
    })

    const addressOf = async (caller: Caller) => {
      if (caller === 'mediator') return world.replication.getAddress()
      if (caller === 'timelock') return world.timelock.getAddress()
      return world.actors[caller].address
    }

    for (const status of STATUSES) {
      const allowed = ALLOWED[status] ?? {}
      const titles = Object.entries(allowed).map(
        ([call, by]) => `${call} by ${by.length > 2 ? 'anyone' : by.join(', ')}`,
      )
      // JM-22, JM-25, JM-35, JM-43, JM-44, JM-48
      it(`allows of a job that is ${status}: ${titles.join('; ') || 'nothing'}`, async () => {
        const { jobId } = world.jobs[status]
        const { market, address: to } = world
        for (const call of NAMES) {
          const data = market.interface.encodeFunctionData(call as 'reject', CALLS[call](jobId) as never)
          const may: Caller[] = []
          for (const caller of CALLERS) {
            const from = await addressOf(caller)
            await ethers.provider.call({ to, from, data }).then(
              () => may.push(caller),
              () => {},
            )
          }
          expect(may, call).to.deep.equal(CALLERS.filter((caller) => allowed[call]?.includes(caller)))
        }
      })
    }
  })

  describe('to the second', () => {
    let world: World
    let group: Group

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(replicationMarket)
    })

    const as = (who: (typeof PEOPLE)[number]) => world.market.connect(world.actors[who])
    const seats = async (commits: number) => {
      group = await seatedGroup(world, seatsOf(world))
      for (const job of group.jobs.slice(0, commits)) await commitTo(world, job)
      return group.jobs[0] as Job
    }
    const resolve = () => world.replication.connect(world.actors.eve).resolve(group.groupId)

    type Act = (job: Job) => Promise<unknown>
    interface Deadline {
      begin: () => Promise<Job>
      last: (job: Job) => bigint
      /** Possible until `last`, and not a second longer. */
      inTime: Act
      /** Possible a second after `last`, and not before; nothing where nobody takes over. */
      late?: Act
    }
    const quarter = (job: Job) => runBy(job) - job.fields.run + job.fields.run / 4n
    const toSubmit: Act = ({ jobId }) => as('provider').submit(jobId, RESULT_ROOT, 1n)
    const toFail: Act = ({ jobId }) => as('eve').fail(jobId)
    const toRelease: Act = ({ jobId }) => as('provider').release(jobId)
    const toChallenge: Act = ({ jobId }) => as('hook').challengeOpened(jobId)
    const toSettle: Act = ({ jobId }) => as('eve').settle(jobId)

    const deadlines: Record<string, Deadline> = {
      'claimBy of an open job': {
        begin: () => post(world),
        last: (job) => job.fields.claimBy,
        inTime: ({ jobId }) => as('provider').claim(jobId),
        late: ({ jobId }) => as('eve').cancel(jobId),
      },
      'keyBy of a private job': {
        begin: () => awaitingKey(world),
        last: (job) => keyBy(world, job),
        inTime: ({ jobId }) => as('requester').deliverKey(jobId, KEY),
        late: ({ jobId }) => as('eve').release(jobId),
      },
      'runBy of a claim': { begin: () => claimed(world), last: runBy, inTime: toSubmit, late: toFail },
      'runBy of a signed claim': {
        begin: () => claimedSigned(world),
        last: runBy,
        inTime: toSubmit,
        late: toFail,
      },
      'runBy after a key': { begin: () => keyed(world), last: runBy, inTime: toSubmit, late: toFail },
      'a quarter of the run time': { begin: () => claimed(world), last: quarter, inTime: toRelease },
      'a quarter of the run time, signed': {
        begin: () => claimedSigned(world),
        last: quarter,
        inTime: toRelease,
      },
      'a quarter of the run time, after a key': {
        begin: () => keyed(world),
        last: quarter,
        inTime: toRelease,
      },
      'the window of a result': {
        begin: () => submitted(world),
        last: windowEnd,
        inTime: toChallenge,
        late: toSettle,
      },
      'the window of a signed result': {
        begin: async () => submit(world, await claimedSigned(world)),
        last: windowEnd,
        inTime: toChallenge,
        late: toSettle,
      },
      'claimBy of a seat': {
        begin: async () => {
          group = await seatedGroup(world, [world.actors.provider, world.actors.eve])
          return group.jobs[2] as Job
        },
        last: () => group.claimBy,
        inTime: ({ jobId }) => as('rival').claim(jobId),
        late: resolve,
      },
      'the end of committing': {
        begin: () => seats(0),
        last: () => group.commitBy,
        inTime: (job) => commitTo(world, job),
      },
      'the end of revealing': {
        begin: () => seats(2),
        last: () => group.revealBy,
        inTime: (job) => reveal(world, job),
        late: resolve,
      },
    }

    for (const [title, { begin, last, inTime, late }] of Object.entries(deadlines)) {
      // JM-22, JM-24, JM-33, JM-35, JM-41, JM-44
      it(`is ${title}`, async () => {
        const job = await begin()
        const end = last(job)
        const succeeds = async (act: Act, time: bigint) => {
          const snapshot = await networkHelpers.takeSnapshot()
          const done = await at(time, () => act(job)).then(
            () => true,
            () => false,
          )
          await snapshot.restore()
          return done
        }
        expect([await succeeds(inTime, end), await succeeds(inTime, end + 1n)]).to.deep.equal([true, false])
        if (late === undefined) return
        expect([await succeeds(late, end), await succeeds(late, end + 1n)]).to.deep.equal([false, true])
      })
    }
  })
})

import { expect } from 'chai'
import { AwaitedKeys } from '../src/provider/awaitedKeys.ts'
import { Claiming } from '../src/provider/claiming.ts'
import type { ProviderContext } from '../src/provider/context.ts'
import { JobsAtWork } from '../src/provider/jobsAtWork.ts'

const MIB = 2 ** 20
const DATA_LIMITS = { maxProgram: 64 * MIB, maxShared: 256 * MIB, maxInputs: 256 * MIB }
/** For the results of what is claimed. */
const RESULTS_ROOM = 512 * MIB

describe('claiming', () => {
  /** A provider with so much room on its disk, which tells what it logs and whether it goes on to choose a job. */
  function providerWith(disk: { free: number }) {
    const events: string[] = []
    const say = ({ event }: { event: string }) => events.push(event)
    const chosen = new Error('it goes on to choose a job')
    const context = {
      client: {
        getGasPrice: async () => 1n,
        getBalance: async () => 10n ** 18n,
        get deployment(): never {
          throw chosen
        },
      },
      ...{ address: '0x', limits: { taskWallTime: 1, ...DATA_LIMITS }, chainTime: () => 0 },
      inputs: { folder: 'inputs', freeBytes: async () => disk.free },
      log: { info: say, warn: say, error: say },
    } as unknown as ProviderContext
    const ignore = () => undefined
    const options = { onDone: ignore, onFree: ignore, onError: ignore, pollingInterval: 1 }
    const parts = { atWork: new JobsAtWork(context, options), awaited: new AwaitedKeys(context) }
    const claiming = new Claiming(context, parts, { jobs: 1, onPrepared: ignore, onError: ignore })
    claiming.add(`0x${'12'.repeat(32)}`)
    const goesOn = () =>
      claiming.claimSome().then(
        () => false,
        (error: unknown) => error === chosen || error,
      )
    return { events, goesOn }
  }

  it('begins nothing while the data of one more job would leave no room for results, and says so once', async () => {
    const needed = 576 * MIB + RESULTS_ROOM
    const disk = { free: needed - 1 }
    const { events, goesOn } = providerWith(disk)
    expect([await goesOn(), await goesOn()]).to.deep.equal([false, false])
    expect(events).to.deep.equal(['out-of-disk'])
    disk.free = needed
    expect(await goesOn()).to.equal(true)
    expect(events).to.deep.equal(['out-of-disk', 'disk-room'])
  })
})

import { slowestSpeed, usualSpeed } from 'assay'
import { expect } from 'chai'
import { memoryFault, stepsFault } from '../src/core/fit.ts'

describe('memory of a job', () => {
  const GIB = 16_384

  it('is reserved for as many tasks as run at a time, before the job is claimed (decision 16)', () => {
    const fault = memoryFault({ pages: GIB, tasks: 100 }, { jobs: 1, slots: 8, memoryMiB: 4_096 })
    expect(fault).to.include('8 of its tasks').and.include('1024 MiB').and.include('4096 MiB are offered')
    expect(memoryFault({ pages: GIB, tasks: 100 }, { jobs: 1, slots: 4, memoryMiB: 4_096 })).to.equal(
      undefined,
    )
    expect(memoryFault({ pages: GIB, tasks: 100 }, { jobs: 1, slots: 4, memoryMiB: 4_095 })).to.be.a('string')
  })

  it('is that of its tasks where they are fewer than the slots', () => {
    expect(memoryFault({ pages: GIB, tasks: 4 }, { jobs: 1, slots: 8, memoryMiB: 4_096 })).to.equal(undefined)
    expect(memoryFault({ pages: GIB, tasks: 5 }, { jobs: 1, slots: 8, memoryMiB: 4_096 })).to.include(
      '5 of its tasks',
    )
  })

  it('is a slot’s part of what is offered where several jobs run at a time, so that any of their tasks fit (decision 16)', () => {
    const room = { jobs: 2, slots: 8, memoryMiB: 4_096 }
    for (const tasks of [1, 4, 100]) {
      expect(memoryFault({ pages: GIB / 2, tasks }, room), `${tasks} tasks`).to.equal(undefined)
      expect(memoryFault({ pages: GIB / 2 + 1, tasks }, room), `${tasks} tasks`).to.include(
        '8 tasks like its own',
      )
    }
  })

  it('counts parts of a MiB', () => {
    expect(memoryFault({ pages: 17, tasks: 1 }, { jobs: 1, slots: 1, memoryMiB: 1 })).to.be.a('string')
    expect(memoryFault({ pages: 16, tasks: 1 }, { jobs: 1, slots: 1, memoryMiB: 1 })).to.equal(undefined)
  })
})

describe('steps of a job (decision 23)', () => {
  const job = { stepLimit: 600n * usualSpeed, run: 600, tasks: 100 }
  const room = { slots: 4, taskSeconds: 600, stepRate: usualSpeed }

  it('fit where each task may do them at the expected speed, and not one more', () => {
    expect(stepsFault(job, room, false)).to.equal(undefined)
    expect(stepsFault({ ...job, stepLimit: job.stepLimit + 1n }, room, false)).to.match(/^a task may take/)
  })

  it('have the run time of the job, and the time of a task, in whole seconds', () => {
    expect(stepsFault({ ...job, run: 599 }, room, false)).to.include('of 599 s')
    expect(stepsFault(job, { ...room, taskSeconds: 599.9 }, false)).to.be.a('string')
    expect(stepsFault({ ...job, stepLimit: 1n, run: 0 }, room, false)).to.be.a('string')
  })

  it('must all fit at the slowest speed where the interpreter alone runs the program', () => {
    const slow = { stepLimit: 24n * slowestSpeed, run: 600, tasks: 100 }
    expect(stepsFault(slow, room, true)).to.equal(undefined)
    expect(stepsFault({ ...slow, stepLimit: slow.stepLimit + 1n }, room, true)).to.match(/interpreter alone/)
    expect(stepsFault({ ...slow, tasks: 101 }, room, true)).to.match(/interpreter alone/)
    expect(stepsFault(slow, { ...room, taskSeconds: 23 }, true)).to.match(/interpreter alone/)
    expect(stepsFault(job, room, true)).to.match(/interpreter alone/)
  })
})

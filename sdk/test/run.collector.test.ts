import { expect } from 'chai'
import type { Hex } from 'viem'
import { Collector } from '../src/run/collector.ts'
import type { RunOutput } from '../src/run/types.ts'

const output = (index: number): RunOutput => ({
  index,
  status: 'halted',
  exitCode: 0,
  bytes: Uint8Array.of(index),
  jobId: '0x',
  provider: '0x',
})

describe('collecting the outputs of a run', () => {
  const indexes = async (outputs: AsyncIterable<RunOutput>) => {
    const seen: number[] = []
    for await (const { index } of outputs) seen.push(index)
    return seen
  }
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.fail('it did not fail'),
      (error: Error) => error.message,
    )

  it('hands them out as they arrive, to each reader from the first on', async () => {
    const collector = new Collector(3)
    const early = indexes(collector.read())
    collector.add(output(2))
    await Promise.resolve()
    collector.add(output(0))
    const late = indexes(collector.read())
    expect(collector.complete).to.equal(false)
    collector.add(output(1))
    expect(await early).to.deep.equal([2, 0, 1])
    expect(await late).to.deep.equal([2, 0, 1])
    expect(await indexes(collector.read())).to.deep.equal([2, 0, 1])
  })

  it('hands all of them out in the order of the tasks', async () => {
    const collector = new Collector(2)
    const all = collector.all()
    collector.add(output(1))
    collector.add(output(0))
    expect((await all).map(({ index }) => index)).to.deep.equal([0, 1])
  })

  it('is not complete before every part stands for good', async () => {
    const collector = new Collector(2, 2)
    const early = collector.read()
    for (const index of [0, 1]) collector.add(output(index))
    expect((await early.next()).value).to.include({ index: 0 })
    expect(collector.complete).to.equal(false)
    const all = collector.all()
    collector.finalize()
    expect(collector.complete).to.equal(false)
    collector.finalize()
    expect(await all).to.have.lengthOf(2)
  })

  it('passes over one that arrives again', async () => {
    const collector = new Collector(2)
    for (const index of [1, 1, 0]) collector.add(output(index))
    expect(collector.count).to.equal(2)
    expect(await indexes(collector.read())).to.deep.equal([1, 0])
  })

  describe('after those of a job were withdrawn', () => {
    const from = (jobId: Hex, index: number): RunOutput => ({ ...output(index), jobId })

    it('takes others in their stead, and has them alone in the end', async () => {
      const collector = new Collector(2)
      const early = collector.read()
      collector.add(from('0xa', 0))
      expect((await early.next()).value).to.include({ index: 0, jobId: '0xa' })
      collector.withdraw('0xa')
      expect(collector.count).to.equal(0)
      for (const index of [0, 1]) collector.add(from('0xb', index))
      expect((await collector.all()).map(({ jobId }) => jobId)).to.deep.equal(['0xb', '0xb'])
      expect(await indexes(early)).to.deep.equal([0, 1])
      expect(await indexes(collector.read())).to.deep.equal([0, 1])
    })

    it('keeps those of others', async () => {
      const collector = new Collector(2)
      collector.add(from('0xa', 0))
      collector.add(from('0xb', 1))
      collector.withdraw('0xa')
      expect({ count: collector.count, complete: collector.complete }).to.deep.equal({
        count: 1,
        complete: false,
      })
    })
  })

  it('hands out what is there before it fails, with the first failure', async () => {
    const collector = new Collector(3)
    collector.add(output(1))
    const seen: number[] = []
    const reading = (async () => {
      for await (const { index } of collector.read()) seen.push(index)
    })()
    collector.fail(new RangeError('first'))
    collector.fail(new RangeError('second'))
    expect(await failure(reading)).to.equal('first')
    expect(seen).to.deep.equal([1])
    expect(await failure(collector.all())).to.equal('first')
  })

  it('does not fail once everything is there', async () => {
    const collector = new Collector(1)
    collector.add(output(0))
    collector.fail(new RangeError('too late'))
    expect(await indexes(collector.read())).to.deep.equal([0])
  })
})

import { expect } from 'chai'
import { FrameFault, FrameReader } from '../src/executor/frameReader.ts'

const frame = (kind: number, payload: string) => {
  const bytes = Buffer.from(`     ${payload}`)
  bytes.writeUInt32LE(payload.length, 0)
  bytes[4] = kind
  return bytes
}

describe('FrameReader', () => {
  const sent: [number, string][] = [
    [1, ''],
    [2, 'a'],
    [3, 'some payload'],
    [4, ''],
    [5, 'x'.repeat(300)],
  ]
  const stream = Buffer.concat(sent.map(([kind, payload]) => frame(kind, payload)))

  const collect = (limit = 1_000) => {
    const frames: [number, string][] = []
    const reader = new FrameReader(
      () => limit,
      (kind, payload) => frames.push([kind, payload.toString()]),
    )
    return { frames, reader }
  }

  it('finds the same frames wherever the stream is cut', () => {
    for (let first = 0; first <= stream.length; first++)
      for (const second of [first, Math.min(first + 1, stream.length), Math.min(first + 7, stream.length)]) {
        const { frames, reader } = collect()
        for (const chunk of [
          stream.subarray(0, first),
          stream.subarray(first, second),
          stream.subarray(second),
        ])
          reader.push(chunk)
        expect(frames, `cut at ${first} and ${second}`).to.deep.equal(sent)
      }
  })

  it('finds them byte by byte', () => {
    const { frames, reader } = collect()
    for (const byte of stream) reader.push(Buffer.of(byte))
    expect(frames).to.deep.equal(sent)
  })

  it('refuses a frame that is too long before any of it came', () => {
    const { frames, reader } = collect(299)
    expect(() => reader.push(stream.subarray(0, stream.length - 300))).to.throw(FrameFault)
    expect(frames).to.deep.equal(sent.slice(0, 4))
  })

  it('asks for the limit anew for each frame', () => {
    const lengths: number[] = []
    const reader = new FrameReader(
      () => 1 - lengths.length,
      (_, payload) => lengths.push(payload.length),
    )
    expect(() => reader.push(Buffer.concat([frame(1, 'a'), frame(1, 'b')]))).to.throw(FrameFault)
    expect(lengths).to.deep.equal([1])
  })
})

import { expect } from 'chai'
import { expectOutOfRange } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { OFFERED } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { draft } from '../helpers/jobs.ts'
import { packTerms, word } from '../helpers/terms.ts'

/**
 * Bytes that are not ASCII need not be UTF-8. Who decodes them and encodes them again gets other bytes, so that one
 * endpoint or URI would make every audit find a job id or a storage word that is not the chain's.
 */
describe('Text that reads differently than it is stored', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  /** Calldata with a text of that many bytes, one of which is exchanged for `byte`. */
  const exchange = (data: string, length: number, at: number, byte: string) => {
    const text = '61'.repeat(length)
    const start = data.lastIndexOf(text)
    if (start < 0) throw new Error('the text is not in the calldata')
    return data.slice(0, start + 2 * at) + byte + data.slice(start + 2 * at + 2)
  }
  const encoders: Record<string, (text: string) => Promise<string>> = {
    endpoint: async (text) =>
      world.market.interface.encodeFunctionData('updateProvider', [OFFERED, 1n, text, word('key')]),
    dataUri: async (dataUri) =>
      world.market.interface.encodeFunctionData('post', [{ ...packTerms(await draft()), dataUri }]),
  }
  const send = (data: string) => world.actors.requester.sendTransaction({ to: world.address, data })

  for (const [field, encode] of Object.entries(encoders)) {
    for (const [length, at] of [
      [1, 0],
      [31, 0],
      [31, 30],
      [32, 31],
      [33, 31],
      [33, 32],
      [64, 32],
      [64, 63],
      [100, 99],
    ] as const) {
      for (const byte of ['80', 'c3', 'ff']) {
        it(`refuses 0x${byte} as byte ${at} of ${length} of ${field}`, async () => {
          const data = exchange(await encode('a'.repeat(length)), length, at, byte)
          const values = [BigInt(`0x${byte}`), 0n, 127n] as const
          await expectOutOfRange(world, send(data), `${field} byte`, values)
        })
      }

      it(`accepts 0x7f as byte ${at} of ${length} of ${field}`, async () => {
        await send(exchange(await encode('a'.repeat(length)), length, at, '7f'))
      })
    }

    it(`looks at no byte behind ${field}`, async () => {
      for (const length of [0, 1, 31, 32, 33]) {
        // the padding up to the next word, and a word more
        const data = await encode('a'.repeat(length))
        const padding = 2 * ((32 - (length % 32)) % 32)
        await send(`${data.slice(0, data.length - padding)}${'ff'.repeat(padding / 2 + 32)}`)
      }
    })
  }

  it('refuses a byte order mark, which decoders drop', async () => {
    const { market, actors } = world
    const sending = market.connect(actors.eve).updateProvider(OFFERED, 1n, '\ufeffhttp://x', ethers.ZeroHash)
    await expectOutOfRange(world, sending, 'endpoint byte', [0xefn, 0n, 127n])
  })

  it('keeps what was declared before', async () => {
    const { market, actors } = world
    const before = await market.providerOf(actors.provider)
    const sending = market.connect(actors.provider).updateProvider(1n, 2n, 'http://é', ethers.ZeroHash)
    await expectOutOfRange(world, sending, 'endpoint byte', [0xc3n, 0n, 127n])
    expect(await market.providerOf(actors.provider)).to.deep.equal(before)
  })

  it('takes a URI of 2,048 bytes and none of 2,049', async () => {
    const { market, actors } = world
    const post = async (length: number) =>
      market.connect(actors.requester).post(packTerms(await draft({ dataUri: 'u'.repeat(length) })))
    await post(2_048)
    await expectOutOfRange(world, post(2_049), 'dataUri length', [2_049n, 0n, 2_048n])
  })
})

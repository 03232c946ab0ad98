import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PNG } from 'pngjs'
import { TileMismatchError } from '../errors.ts'
import {
  assembleImage,
  demoImage,
  type Image,
  type TiledImage,
  tileInputs,
  tilesOf,
  writePng,
} from '../pathtracer/tiles.ts'
import { loadProgram } from '../programs.ts'
import { outputsOf, runTask } from './host.ts'

const small: TiledImage = { width: 48, height: 27, tileWidth: 16, tileHeight: 9, samples: 4, seed: 1 }

describe('path tracer', () => {
  let module: WebAssembly.Module
  let image: Image

  const render = async (tiled: TiledImage) => assembleImage(tiled, await outputsOf(module, tileInputs(tiled)))

  before(async () => {
    module = new WebAssembly.Module(await loadProgram('pathtracer'))
    image = await render(small)
  })

  it('renders the same picture everywhere', () => {
    // Changes with the program; nothing else may change it.
    const hash = createHash('sha256').update(image.rgb).digest('hex')
    expect(hash).to.equal('cc9442b6fb476a6ea4a39794a1618c3f37fb30a4bd0bd395ce2dd5459b32d315')
  })

  it('renders a picture that is neither flat nor clipped', () => {
    const mean = image.rgb.reduce((sum, value) => sum + value, 0) / image.rgb.length
    const spread = Math.sqrt(
      image.rgb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.rgb.length,
    )
    expect(mean).to.be.within(70, 190)
    expect(spread).to.be.within(30, 90)
  })

  it('gives the same picture for any tiling', async () => {
    const uneven = await render({ ...small, tileWidth: 20, tileHeight: 27 })
    expect(Buffer.compare(uneven.rgb, image.rgb)).to.equal(0)
  })

  it('gives another grain for another seed', async () => {
    const other = await render({ ...small, seed: 2 })
    expect(Buffer.compare(other.rgb, image.rgb)).not.to.equal(0)
  })

  it('exits with code 2 when the input is not a tile', async () => {
    const [input] = tileInputs(small) as [Uint8Array]
    const wrong = (field: number, value: number) => {
      const copy = input.slice()
      new DataView(copy.buffer).setUint32(4 * field, value, true)
      return copy
    }
    const tiles = [
      input.subarray(0, 31),
      wrong(0, 16385), // image wider than the program can
      wrong(2, 48), // left of the tile beyond the right edge
      wrong(4, 0), // nothing wide
      wrong(5, 28), // higher than the image
      wrong(5, 0xffffffff),
      wrong(6, 0), // no samples
    ]
    for (const tile of tiles) {
      expect(await runTask(module, { input: tile })).to.deep.include({ status: 'halted', exitCode: 2 })
    }
  })

  describe('tiles', () => {
    it('cover the demo picture with 72 tasks', () => {
      const tiles = tilesOf(demoImage)
      expect(tiles).to.have.length(72)
      expect(tiles.reduce((sum, { width, height }) => sum + width * height, 0)).to.equal(640 * 360)
    })

    it('are cut at the edges of a picture that they do not divide', () => {
      const tiles = tilesOf({ ...small, width: 20, height: 10 })
      expect(tiles).to.deep.equal([
        { x: 0, y: 0, width: 16, height: 9 },
        { x: 16, y: 0, width: 4, height: 9 },
        { x: 0, y: 9, width: 16, height: 1 },
        { x: 16, y: 9, width: 4, height: 1 },
      ])
    })

    it('that are missing stay black', () => {
      const { rgb } = assembleImage({ ...small, width: 32, height: 9 }, [
        undefined,
        new Uint8Array(16 * 9 * 3).fill(9),
      ])
      expect([...rgb.subarray(0, 48)]).to.deep.equal(new Array(48).fill(0))
      expect([...rgb.subarray(48, 96)]).to.deep.equal(new Array(48).fill(9))
    })

    it('of another size are refused', () => {
      expect(() => assembleImage(small, [new Uint8Array(3)])).to.throw(TileMismatchError, /Expected: 432/)
    })

    it('beyond the last are refused', () => {
      const tile = new Uint8Array(16 * 9 * 3)
      expect(() => assembleImage(small, new Array(10).fill(tile))).to.throw(TileMismatchError, /Tile: +9/)
    })
  })

  it('writes the picture as a PNG', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pathtracer-'))
    try {
      await writePng(join(folder, 'image.png'), image)
      const png = PNG.sync.read(await readFile(join(folder, 'image.png')))
      expect([png.width, png.height]).to.deep.equal([48, 27])
      const rgb = png.data.filter((_, i) => i % 4 !== 3)
      expect(Buffer.compare(rgb, image.rgb)).to.equal(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

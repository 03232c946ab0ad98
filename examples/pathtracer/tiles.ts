import { writeFile } from 'node:fs/promises'
import { PNG } from 'pngjs'
import { TileMismatchError } from '../errors.ts'

export type TiledImage = {
  /** Image size in pixels. */
  width: number
  height: number
  /** Tile size in pixels; tiles at the right and bottom edge are smaller where the image does not divide. */
  tileWidth: number
  tileHeight: number
  /** Paths per pixel: time grows with it, noise falls with its root. */
  samples: number
  /** @default 1 */
  seed?: number | undefined
}

/** Place of a tile in its image, in pixels. */
export type Tile = { x: number; y: number; width: number; height: number }

/** 8-bit sRGB, three bytes a pixel, rows from the top. */
export type Image = { width: number; height: number; rgb: Uint8Array }

/** The demo's picture: 72 tiles, 20 to 35 s of one core in all. */
export const demoImage: TiledImage = {
  width: 640,
  height: 360,
  tileWidth: 80,
  tileHeight: 40,
  samples: 160,
  seed: 1,
}

/** The tiles of an image, row by row; task i renders tile i. */
export function tilesOf({ width, height, tileWidth, tileHeight }: TiledImage): Tile[] {
  const tiles: Tile[] = []
  for (let y = 0; y < height; y += tileHeight) {
    for (let x = 0; x < width; x += tileWidth) {
      tiles.push({ x, y, width: Math.min(tileWidth, width - x), height: Math.min(tileHeight, height - y) })
    }
  }
  return tiles
}

/** One task input per tile: eight little-endian u32 (image width, height, tile x, y, width, height, samples, seed). */
export function tileInputs(image: TiledImage): Uint8Array[] {
  const { width, height, samples, seed = 1 } = image
  return tilesOf(image).map((tile) => {
    const fields = [width, height, tile.x, tile.y, tile.width, tile.height, samples, seed]
    const input = new DataView(new ArrayBuffer(32))
    fields.forEach((value, i) => {
      input.setUint32(4 * i, value, true)
    })
    return new Uint8Array(input.buffer)
  })
}

/**
 * Puts rendered tiles in their places. A missing tile (`undefined`) stays black, so a picture can be shown while tiles
 * still arrive.
 *
 * @throws {TileMismatchError} a tile has not the length of its pixels, or there are more tiles than places
 */
export function assembleImage(image: TiledImage, outputs: readonly (Uint8Array | undefined)[]): Image {
  const { width, height } = image
  const tiles = tilesOf(image)
  const rgb = new Uint8Array(3 * width * height)
  outputs.forEach((output, index) => {
    if (output === undefined) return
    const tile = tiles[index]
    if (tile === undefined) throw new TileMismatchError({ index, bytes: output.length, expected: 0 })
    const rowBytes = 3 * tile.width
    if (output.length !== rowBytes * tile.height) {
      throw new TileMismatchError({ index, bytes: output.length, expected: rowBytes * tile.height })
    }
    for (let row = 0; row < tile.height; row++) {
      const at = 3 * ((tile.y + row) * width + tile.x)
      rgb.set(output.subarray(row * rowBytes, (row + 1) * rowBytes), at)
    }
  })
  return { width, height, rgb }
}

/** Writes an image as a PNG file. */
export async function writePng(path: string, { width, height, rgb }: Image): Promise<void> {
  const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false })
  png.data = Buffer.from(rgb)
  await writeFile(path, PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false }))
}

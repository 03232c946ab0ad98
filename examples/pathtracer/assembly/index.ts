// Path tracer: one task renders one tile of an image.
//
// Input, eight u32: image width, image height, tile x, tile y, tile width, tile height, samples per pixel, seed.
// Output: the tile's pixels row by row, three bytes each (sRGB red, green, blue).
// Exit code 2: the input is not such a tile. A pixel depends on the image, its place in it, the samples and the seed,
// never on the tile it was rendered in, so any tiling gives the same image.

import { Reader, Writer, exit, readInput } from "assay";
import { mix64 } from "assay/random";
import { aimCamera, shootRay } from "./camera";
import { encodeChannel } from "./color";
import { blue, green, red } from "./light";
import { startPixel, startSample, uniform } from "./sampler";
import { buildScene } from "./scene";
import { trace } from "./trace";

const MAX_SIDE: u32 = 16384;

function main(): void {
  const input = readInput();
  if (input.length != 32) exit(2);
  const reader = new Reader(input);
  const width = reader.u32();
  const height = reader.u32();
  const left = reader.u32();
  const top = reader.u32();
  const tileWidth = reader.u32();
  const tileHeight = reader.u32();
  const samples = reader.u32();
  const seed = reader.u32();
  const fits =
    width <= MAX_SIDE && height <= MAX_SIDE && left < width && top < height &&
    tileWidth - 1 < width - left && tileHeight - 1 < height - top;
  if (!fits || samples == 0) exit(2);

  buildScene();
  aimCamera(width, height);
  const writer = new Writer(16384);
  for (let y = top; y < top + tileHeight; y++) {
    for (let x = left; x < left + tileWidth; x++) {
      renderPixel(writer, x, y, samples, mix64((<u64>seed << 32) | (y * MAX_SIDE + x)));
    }
  }
  writer.flush();
}

function renderPixel(writer: Writer, x: u32, y: u32, samples: u32, seed: u64): void {
  let r = 0.0;
  let g = 0.0;
  let b = 0.0;
  startPixel(seed, samples);
  for (let sample: u32 = 0; sample < samples; sample++) {
    startSample(sample);
    shootRay(x, y);
    trace();
    r += red;
    g += green;
    b += blue;
  }
  const scale = 1.0 / <f64>samples;
  // A little noise before rounding keeps smooth gradients free of bands.
  const dither = uniform();
  writer.u8(encodeChannel(r * scale, dither));
  writer.u8(encodeChannel(g * scale, dither));
  writer.u8(encodeChannel(b * scale, dither));
}

main();

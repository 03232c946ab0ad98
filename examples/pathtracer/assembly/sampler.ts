// Sample points: shuffled, Owen-scrambled Sobol pairs for the dimensions that matter (they cover a pixel evenly with few
// samples), plain random numbers for the rest. After Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4), 2020.

import { Random, mix64 } from "assay/random";

/** The pair drawn last, each in [0, 1). */
export let u = 0.0;
export let v = 0.0;

/** Pairs per path taken from the Sobol sequence: pixel, lens and three for each of the first bounces. */
const SOBOL_PAIRS: i32 = 11;
const TO_UNIT = 1.0 / 4294967296.0;

const random = new Random(0);
let pixelSeed: u32 = 0;
let indexMask: u32 = 0;
let reversedIndex: u32 = 0;

/** Sets the random stream of a pixel. */
export function startPixel(seed: u64, samples: u32): void {
  random.reseed(seed);
  pixelSeed = <u32>seed;
  indexMask = samples > 1 ? ~(<u32>0) >> clz<u32>(samples - 1) : 0;
}

/** Picks one of the pixel's samples. */
export function startSample(sample: u32): void {
  reversedIndex = reverseBits(sample);
}

/** A random number in [0, 1). */
export function uniform(): f64 {
  return random.f64();
}

/** Draws the pair of a dimension into `u` and `v`. */
export function drawPair(dimension: i32): void {
  if (dimension >= SOBOL_PAIRS) {
    u = random.f64();
    v = random.f64();
    return;
  }
  const seed = mix64((<u64>pixelSeed << 32) | dimension);
  const low = <u32>seed;
  const high = <u32>(seed >> 32);
  // Bits above the mask are the same for all samples of a pixel: they would only shift what is scrambled anyway.
  const index = reverseBits(permute(reversedIndex, low ^ high)) & indexMask;
  u = <f64>reverseBits(permute(index, low)) * TO_UNIT;
  v = <f64>reverseBits(permute(sobolReversed(index), high)) * TO_UNIT;
}

/** Second Sobol dimension with its bits in reverse order; the first one, reversed, is the index itself. */
function sobolReversed(index: u32): u32 {
  let result: u32 = 0;
  for (let direction: u32 = 1; index; index >>= 1, direction ^= direction << 1) {
    if (index & 1) result ^= direction;
  }
  return result;
}

/** Laine-Karras permutation: on reversed bits it is an Owen scrambling. */
// @ts-ignore: decorator
@inline
function permute(x: u32, seed: u32): u32 {
  x += seed;
  x ^= x * 0x6c50b47c;
  x ^= x * 0xb82f1e52;
  x ^= x * 0xc7afe638;
  x ^= x * 0x8d22f6e6;
  return x;
}

function reverseBits(x: u32): u32 {
  x = ((x & 0x55555555) << 1) | ((x >> 1) & 0x55555555);
  x = ((x & 0x33333333) << 2) | ((x >> 2) & 0x33333333);
  x = ((x & 0x0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f);
  x = ((x & 0x00ff00ff) << 8) | ((x >> 8) & 0x00ff00ff);
  return (x << 16) | (x >> 16);
}

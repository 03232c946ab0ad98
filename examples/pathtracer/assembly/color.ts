// From light to bytes.

const EXPOSURE = 1.0;

/** sRGB byte of a channel's light: tone curve, transfer curve, then rounding by `dither` in [0, 1). */
export function encodeChannel(light: f64, dither: f64): u8 {
  return <u8>max(0.0, min(255.0, transfer(toneMap(light * EXPOSURE)) * 255.0 + dither));
}

/** Compresses light of any strength to [0, 1]: the ACES curve in Narkowicz's fit (2016). */
function toneMap(x: f64): f64 {
  return min(1.0, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14));
}

/** The sRGB curve, by square roots only (I. Taylor's approximation, 2012; error below 0.2 %). */
function transfer(x: f64): f64 {
  if (x < 0.0031308) return 12.92 * x;
  const root2 = sqrt(x);
  const root4 = sqrt(root2);
  return 0.585122381 * root2 + 0.783140355 * root4 - 0.368262736 * sqrt(root4);
}

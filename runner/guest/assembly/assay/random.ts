// Deterministic random numbers. A program has no source of randomness but its input, so a seed belongs in the input.

/** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every input bit over the output. */
export function mix64(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** xoshiro256++ (Blackman, Vigna 2019) seeded by SplitMix64: period 2^256 - 1, so streams of different seeds don't meet. */
export class Random {
  private a: u64 = 0;
  private b: u64 = 0;
  private c: u64 = 0;
  private d: u64 = 0;

  constructor(seed: u64) {
    this.reseed(seed);
  }

  /** Starts the stream of `seed` anew, without a new object. */
  reseed(seed: u64): void {
    this.a = mix64(seed + 0x9e3779b97f4a7c15);
    this.b = mix64(seed + 0x3c6ef372fe94f82a);
    this.c = mix64(seed + 0xdaa66d2c7ddf743f);
    this.d = mix64(seed + 0x78dde6e5fd29f054);
  }

  /** 64 random bits. */
  u64(): u64 {
    const result = rotl<u64>(this.a + this.d, 23) + this.a;
    const t = this.b << 17;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotl<u64>(this.d, 45);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  f64(): f64 {
    return <f64>(this.u64() >> 11) * (1.0 / 9007199254740992.0);
  }
}

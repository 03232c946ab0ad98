import { finish, size } from './host'

/** n rounds of 64-bit arithmetic: multiplications, rotations, shifts. */
export function run(): void {
  const n = size()
  let a: u64 = 0x9e3779b97f4a7c15
  let b: u64 = 1
  for (let i: u32 = 0; i < n; i++) {
    a += 0x9e3779b97f4a7c15
    let z = a ^ b
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb
    b = rotl<u64>(b, 17) + (z ^ (z >> 31)) + i
  }
  finish(b)
}

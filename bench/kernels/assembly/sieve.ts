import { finish, size } from './host'

/** Counts the primes below n in bytes of memory. */
export function run(): void {
  const n = size()
  const composite: usize = __heap_base
  memory.grow(i32((composite + n) >>> 16) + 1 - memory.size())
  let count: u32 = 0
  for (let i: u32 = 2; i < n; i++) {
    if (load<u8>(composite + i) != 0) continue
    count++
    for (let j = u64(i) * i; j < n; j += i) store<u8>(composite + usize(j), 1)
  }
  finish(count)
}

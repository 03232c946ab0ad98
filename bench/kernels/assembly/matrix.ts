import { finish, size } from './host'

/** The product of two matrices of n rows of n i32. */
export function run(): void {
  const n = size()
  const bytes: usize = 4 * n * n
  const a: usize = __heap_base
  const b = a + bytes
  const c = b + bytes
  memory.grow(i32((c + bytes) >>> 16) + 1 - memory.size())
  for (let i: u32 = 0; i < n * n; i++) {
    store<u32>(a + 4 * i, i * 7 + 3)
    store<u32>(b + 4 * i, i ^ 0x55)
  }
  let sum: u32 = 0
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < n; j++) {
      let dot: u32 = 0
      for (let k: u32 = 0; k < n; k++) dot += load<u32>(a + 4 * (i * n + k)) * load<u32>(b + 4 * (k * n + j))
      store<u32>(c + 4 * (i * n + j), dot)
      sum ^= dot
    }
  }
  finish(sum)
}

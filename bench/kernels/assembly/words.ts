import { finish, size } from './host'

const SLOTS: u32 = 4096
const counts: usize = memory.data(4 * 4096)
const text = 'It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of Darkness. '

/** Counts words n times over, by their hash, one byte at a time. */
export function run(): void {
  const n = size()
  const start = changetype<usize>(text)
  const length = 2 * text.length
  let words: u32 = 0
  for (let round: u32 = 0; round < n; round++) {
    let hash: u32 = 2166136261
    let inside = false
    for (let i = 0; i < length; i += 2) {
      let byte = u32(load<u8>(start + i))
      if (byte >= 65 && byte <= 90) byte |= 32
      if (byte >= 97 && byte <= 122) {
        hash = (hash ^ byte) * 16777619
        inside = true
      } else if (inside) {
        const slot = counts + 4 * ((hash ^ round) % SLOTS)
        store<u32>(slot, load<u32>(slot) + 1)
        words++
        hash = 2166136261
        inside = false
      }
    }
  }
  finish(words)
}

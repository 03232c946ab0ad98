import { expect } from 'chai'

/** Bytes that differ for every seed and hardly repeat. */
export function bytesOf(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16) + seed + 1) & 255)
}

/** The error that a promise is rejected with; fails if it is fulfilled or the error is of another class. */
export async function rejection<error extends Error>(
  work: Promise<unknown>,
  errorClass: abstract new (...args: never[]) => error,
): Promise<error> {
  const caught = await work.then(
    (value) => expect.fail(`expected a rejection with ${errorClass.name}, got ${String(value)}`),
    (error: unknown) => error,
  )
  if (caught instanceof errorClass) return caught
  throw caught
}

/** Everything that an async iterable yields. */
export async function collect<item>(items: AsyncIterable<item>): Promise<item[]> {
  const list: item[] = []
  for await (const item of items) list.push(item)
  return list
}

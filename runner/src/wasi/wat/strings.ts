import type { WatFunctions } from './types.ts'

/**
 * `args_get` and `environ_get` of fixed strings, and their sizes. The strings stand in the code, eight bytes a
 * store, since the adapter has no data of its own.
 */
export function stringFunctions(
  args: readonly Uint8Array[],
  environment: readonly Uint8Array[],
): WatFunctions {
  return {
    args_get: getStrings(args),
    args_sizes_get: sizesOfStrings(args),
    environ_get: getStrings(environment),
    environ_sizes_get: sizesOfStrings(environment),
  }
}

function sizesOfStrings(strings: readonly Uint8Array[]): string {
  const bytes = strings.reduce((sum, { length }) => sum + length + 1, 0)
  return `(param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const ${strings.length}))
    (i32.store (local.get $bytes) (i32.const ${bytes}))
    (i32.const 0)`
}

function getStrings(strings: readonly Uint8Array[]): string {
  const code: string[] = []
  let at = 0
  for (const [i, { length }] of strings.entries()) {
    code.push(
      `(i32.store offset=${4 * i} (local.get $pointers) (i32.add (local.get $buffer) (i32.const ${at})))`,
    )
    at += length + 1
  }
  const all = new Uint8Array(at)
  at = 0
  for (const string of strings) {
    all.set(string, at)
    at += string.length + 1
  }
  const view = new DataView(all.buffer)
  for (at = 0; at + 8 <= all.length; at += 8) {
    code.push(`(i64.store offset=${at} (local.get $buffer) (i64.const ${view.getBigInt64(at, true)}))`)
  }
  for (; at < all.length; at++) {
    code.push(`(i32.store8 offset=${at} (local.get $buffer) (i32.const ${all[at]}))`)
  }
  return `(param $pointers i32) (param $buffer i32) (result i32)
    ${code.join('\n    ')}
    (i32.const 0)`
}

import { rewriteBodies } from './bodies.ts'
import { functionCount, type ProgramLayout } from './layout.ts'
import { ByteWriter } from './writer.ts'

/** Type of the guard: (i32) → (i32). It becomes the module's last type. */
export const growGuardType = [0x60, 0x01, 0x7f, 0x01, 0x7f]

/** The flag, a mutable i32 that is 0 at first. It becomes the module's last global. */
export const growFailedGlobal = [0x7f, 0x01, 0x41, 0x00, 0x0b]

/**
 * Body of the guard, which becomes the module's last function: it grows; on −1 it looks whether −1 is due, which
 * it is where old size plus delta, in 64 bits, exceeds the maximum. If not, it raises the flag and traps.
 * @param global - Index of the flag.
 * @param max - The maximum in pages.
 */
export function growGuardBody(global: number, max: number): Uint8Array {
  const body = new ByteWriter()
    .push([0x01, 0x01, 0x7f]) // one local, i32
    .push([0x20, 0x00, 0x40, 0x00, 0x22, 0x01]) // local.get 0, memory.grow, local.tee 1
    .push([0x41, 0x7f, 0x46, 0x04, 0x40]) // i32.const -1, i32.eq, if
    .push([0x3f, 0x00, 0xad]) // memory.size, i64.extend_i32_u
    .push([0x20, 0x00, 0xad, 0x7c]) // local.get 0, i64.extend_i32_u, i64.add
    .push([0x42])
    .s64(max) // i64.const max
    .push([0x58, 0x04, 0x40]) // i64.le_u, if
    .push([0x41, 0x01, 0x24])
    .u32(global) // i32.const 1, global.set
    .push([0x00, 0x0b, 0x0b]) // unreachable, end, end
    .push([0x20, 0x01, 0x0b]) // local.get 1, end
  return new ByteWriter().u32(body.length).push(body.view()).view()
}

/**
 * Content of the code section with a call of the guard in place of each `memory.grow`.
 * @returns undefined where nothing grows.
 */
export function guardedBodies(bytes: Uint8Array, layout: ProgramLayout): Uint8Array | undefined {
  const call = new ByteWriter().push([0x10]).u32(functionCount(layout)).view()
  return rewriteBodies(bytes, layout, ({ kind }) => (kind === 'grow' ? call : undefined))
}

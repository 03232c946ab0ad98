import { form, forms } from '../wasm/opcodes.ts'
import type { WasmReader } from '../wasm/reader.ts'
import { op } from './code.ts'

/** Passes over the value of a constant. */
export function skipConstant(reader: WasmReader, kind: number): void {
  if (kind === form.i32Const) reader.s32()
  else if (kind === form.i64Const) reader.skipS64()
  else reader.at += kind === form.f32Const ? 4 : 8
}

/**
 * Passes over what cannot be reached, up to the end or the other part of the present block.
 * @returns how many instructions that were.
 */
export function skipUnreachable(reader: WasmReader): number {
  let inner = 0
  for (let count = 0; ; count++) {
    const code = reader.bytes[reader.at]!
    if (inner === 0 && (code === op.end || code === op.else)) return count
    reader.at++
    switch (forms[code]) {
      case form.block:
        inner++
        reader.s33()
        break
      case form.end:
        inner--
        break
      case form.br:
      case form.brIf:
      case form.call:
      case form.localGet:
      case form.localSet:
      case form.localTee:
      case form.globalGet:
      case form.globalSet:
      case form.memorySize:
      case form.memoryGrow:
        reader.u32()
        break
      case form.callIndirect:
      case form.load:
      case form.store:
        reader.u32()
        reader.u32()
        break
      case form.brTable:
        for (let left = reader.u32(); left >= 0; left--) reader.u32()
        break
      case form.selectTyped:
        reader.u32()
        reader.at++
        break
      case form.i32Const:
      case form.i64Const:
      case form.f32Const:
      case form.f64Const:
        skipConstant(reader, forms[code]!)
        break
      case form.prefixFc: {
        const second = reader.u32()
        if (second >= 8) reader.at += second === 10 ? 2 : 1
      }
    }
  }
}

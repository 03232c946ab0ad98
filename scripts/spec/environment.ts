import type { Environment } from '../../sdk/src/vm/index.ts'

const nothing = { kind: 'function', results: [] } as const

/** What modules of the suite may import: printing, which does nothing here, a global of each type, a table and a memory. */
export const spectest: Environment = {
  programsOnly: false,
  imports: {
    spectest: {
      print: { ...nothing, params: [] },
      print_i32: { ...nothing, params: ['i32'] },
      print_i64: { ...nothing, params: ['i64'] },
      print_f32: { ...nothing, params: ['f32'] },
      print_f64: { ...nothing, params: ['f64'] },
      print_i32_f32: { ...nothing, params: ['i32', 'f32'] },
      print_f64_f64: { ...nothing, params: ['f64', 'f64'] },
      global_i32: { kind: 'global', type: 'i32', mutable: false, value: 666n },
      global_i64: { kind: 'global', type: 'i64', mutable: false, value: 666n },
      global_f32: { kind: 'global', type: 'f32', mutable: false, value: 0x4426_a666n },
      global_f64: { kind: 'global', type: 'f64', mutable: false, value: 0x4084_d4cc_cccc_cccdn },
      table: { kind: 'table', min: 10, max: 20 },
      memory: { kind: 'memory', min: 1, max: 2 },
    },
  },
}

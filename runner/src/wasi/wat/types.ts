import type { WasiFunction } from '../functions.ts'

/** Parameters, locals and code of functions, in the text form; the adapter puts `(func (export …) …)` around. */
export type WatFunctions = Partial<Record<WasiFunction, string>>

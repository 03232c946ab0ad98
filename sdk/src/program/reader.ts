export { WasmReader } from '../vm/wasm/reader.ts'

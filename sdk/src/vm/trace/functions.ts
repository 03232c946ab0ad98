import { ProgramError } from '../../errors/program.ts'
import type { Program } from '../program.ts'
import { WasmReader } from '../wasm/reader.ts'
import { sectionId } from '../wasm/sectionIds.ts'
import type { WasmModule } from '../wasm/types.ts'

/** A function of a program. */
export type FunctionPlace = {
  /** In the module's function index space: imports count. */
  index: number
  /** From the module's name section, else from its exports and imports. */
  name: string | undefined
}

/** Names of a module's functions, by index. Names are whatever the module's author wrote. */
export function functionNames(module: WasmModule): ReadonlyMap<number, string> {
  const names = new Map(module.importedFunctions.map(({ name }, index) => [index, name]))
  for (const { kind, index, name } of module.exports) if (kind === 'function') names.set(index, name)
  for (const [index, name] of namesInSection(module.bytes)) names.set(index, name)
  return names
}

/**
 * Tells where in a program an instruction stands.
 * @returns the function that has the instruction, or undefined for the stub at the beginning
 */
export function functionFinder(program: Program): (pc: number) => FunctionPlace | undefined {
  const { pcs, module } = program
  const names = functionNames(module)
  const starts = Array.from(pcs, (pc, index) => ({ pc, index }))
    .filter(({ pc }) => pc >= 0)
    .sort((left, right) => left.pc - right.pc)
  return (pc) => {
    let [low, high] = [0, starts.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle]!.pc <= pc) low = middle + 1
      else high = middle
    }
    const found = starts[low - 1]
    return found && { index: found.index, name: names.get(found.index) }
  }
}

const functionNamesId = 1

/** What the custom section `name` says; as much of it as can be read, for it is no part of what is valid. */
function namesInSection(bytes: Uint8Array): Map<number, string> {
  const names = new Map<number, string>()
  try {
    const reader = new WasmReader(bytes, 8)
    while (!reader.done) {
      const id = reader.u8()
      const section = reader.part(reader.u32())
      if (id !== sectionId.custom || section.name() !== 'name') continue
      while (!section.done) {
        const part = section.u8()
        const content = section.part(section.u32())
        if (part !== functionNamesId) continue
        content.u32()
        while (!content.done) names.set(content.u32(), content.name())
      }
    }
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
  }
  return names
}

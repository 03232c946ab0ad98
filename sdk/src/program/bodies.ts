import { indexSpaces, type ProgramLayout, sectionId } from './layout.ts'
import { WasmReader } from './reader.ts'
import { type Site, walkBody } from './walk.ts'
import { ByteWriter } from './writer.ts'

/**
 * Content of the code section with other instructions in place of some.
 * @param replace - What stands in place of an instruction; undefined leaves it.
 * @returns undefined where nothing is replaced.
 */
export function rewriteBodies(
  bytes: Uint8Array,
  layout: ProgramLayout,
  replace: (site: Site) => Uint8Array | undefined,
): Uint8Array | undefined {
  const code = layout.sections.find(({ id }) => id === sectionId.code)
  if (code === undefined) return undefined
  const spaces = indexSpaces(layout)
  const reader = new WasmReader(bytes, code.start, code.end)
  reader.u32()
  let out: ByteWriter | undefined
  let copied = code.start
  for (let i = 0; i < layout.bodies; i++) {
    const start = reader.at
    const body = reader.part(reader.u32())
    let from = body.at
    let rewritten: ByteWriter | undefined
    walkBody(body, layout.imports.length + i, spaces, (site, siteStart, siteEnd) => {
      const other = replace(site)
      if (other === undefined) return
      rewritten ??= new ByteWriter(body.end - body.at)
      rewritten.push(bytes.subarray(from, siteStart)).push(other)
      from = siteEnd
    })
    if (rewritten === undefined) continue
    rewritten.push(bytes.subarray(from, body.end))
    out ??= new ByteWriter(code.end - code.start)
    out.push(bytes.subarray(copied, start)).u32(rewritten.length).push(rewritten.view())
    copied = body.end
  }
  return out?.push(bytes.subarray(copied, code.end)).view()
}

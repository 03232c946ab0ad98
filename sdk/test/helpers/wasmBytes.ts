/** The binary format of WebAssembly, piece by piece; nothing is checked. Apart from the product's own writers on purpose. */

export const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return [...bytes, rest]
}

/** Signed LEB128. */
export function signedLeb(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; ) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

/** The low bytes of a number, least first: a constant of a float type, by its bits. */
export function littleEndian(bits: bigint, width: number): number[] {
  return Array.from({ length: width }, (_, index) => Number((bits >> BigInt(8 * index)) & 0xffn))
}

/** How many, then one after the other. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [leb(items.length), ...items].flat()
}

/** A section: id, size, content. */
export function section(id: number, content: readonly number[]): number[] {
  return [[id], leb(content.length), content].flat()
}

export function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)]
  return [...leb(bytes.length), ...bytes]
}

import { ContentLengthError, IndexOutOfRangeError, MalformedInputPackError } from '../errors/trees.ts'
import { isTaskIndex, treeDepth } from './binaryTree.ts'
import { maxContentLength } from './contentTree.ts'

/** All inputs of a job as read from one content. Nothing is copied until it is asked for. */
export type InputPack = Iterable<Uint8Array> & {
  /** The pack itself. */
  bytes: Uint8Array
  /** How many inputs there are. */
  count: number
  /** Bytes of one input. @throws {IndexOutOfRangeError} */
  lengthOf: (index: number) => number
  /** One input: a view into the pack, not a copy. @throws {IndexOutOfRangeError} */
  input: (index: number) => Uint8Array
}

/**
 * Puts all inputs of a job into one content: `count u32 ‖ count × length u64 ‖ the bytes of each input in order`.
 * @throws {TaskCountError} without an input or with too many.
 * @throws {ContentLengthError} if the pack would exceed 1 GiB.
 */
export function packInputs(inputs: readonly Uint8Array[]): Uint8Array {
  treeDepth(inputs.length)
  const header = headerSize(inputs.length)
  const size = inputs.reduce((sum, input) => sum + input.length, header)
  if (size > maxContentLength) throw new ContentLengthError({ length: size, limit: maxContentLength })

  const pack = new Uint8Array(size)
  const fields = new DataView(pack.buffer)
  fields.setUint32(0, inputs.length)
  let at = header
  for (const [index, input] of inputs.entries()) {
    fields.setBigUint64(headerSize(index), BigInt(input.length))
    pack.set(input, at)
    at += input.length
  }
  return pack
}

/**
 * Reads an input pack. Its lengths must account for every byte.
 * @throws {MalformedInputPackError}
 */
export function unpackInputs(pack: Uint8Array): InputPack {
  const size = pack.length
  const refuse = (reason: string): never => {
    throw new MalformedInputPackError({ reason, size })
  }
  if (size < headerSize(0)) refuse('it ends inside of the number of inputs')
  const fields = new DataView(pack.buffer, pack.byteOffset, size)
  const count = fields.getUint32(0)
  if (count === 0) refuse('it holds no input')
  if (size < headerSize(count)) refuse(`it ends inside of the lengths of ${count} inputs`)

  // starts[i + 1] is where input i ends. Lengths are compared as u64, before they are added as numbers.
  const starts = new Float64Array(count + 1)
  starts[0] = headerSize(count)
  for (let index = 0; index < count; index++) {
    const length = fields.getBigUint64(headerSize(index))
    const left = size - starts[index]!
    if (length > BigInt(left)) refuse(`input ${index} has ${length} bytes, ${left} are left`)
    starts[index + 1] = starts[index]! + Number(length)
  }
  if (starts[count] !== size) refuse(`${size - starts[count]!} bytes follow the last input`)

  const bounds = (index: number): [number, number] => {
    if (!isTaskIndex(index, count)) throw new IndexOutOfRangeError({ what: 'Task', index, count })
    return [starts[index]!, starts[index + 1]!]
  }
  const input = (index: number) => pack.subarray(...bounds(index))
  return {
    bytes: pack,
    count,
    input,
    lengthOf(index) {
      const [start, end] = bounds(index)
      return end - start
    },
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index++) yield input(index)
    },
  }
}

function headerSize(count: number): number {
  return 4 + 8 * count
}

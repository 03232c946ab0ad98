/** The module behind `sdk/src/vm/fast/machine.ts`: the fast machine. */

import {
  cellCodeEnd,
  cellFrame,
  cellHash,
  cellHighPages,
  cellJobHash,
  cellLinks,
  cellMargin,
  cellOutputLength,
  cellPages,
  cellPc,
  cellRep,
  cellStack,
  cellSteps,
  cellStop,
  cellWildPc,
  cells,
  code,
  globals,
  guest,
  linkSize,
  links,
  memoryFlags,
  memoryTree,
  outputFlags,
  outputTree,
  plainOperations,
  scratchPage,
  stopped,
  treeLog,
  wild,
} from '../src/vm/fast/layout'
import { dispatch } from './dispatch'
import { hashPage, refresh, refreshAbove, rootOf, smallRoot } from './merkle'
import { keccak256 } from './keccak'

export { keccak256, smallRoot }

/** Number of the operation that only stops; set by the class. */
let breakOperation: u16 = 0

export function setBreak(operation: u32): void {
  breakOperation = u16(operation)
}

/**
 * Runs up to that many steps, at most 2^26: `stopped` after all of them, else the reason. `stop` then tells how many were
 * left, the instruction that ended the run not counted.
 *
 * Steps are not counted one by one. Where a jump finds the end of the run nearer than the longest way without a jump, the
 * record at the end is replaced by one that stops, until the next jump.
 */
export function run(steps: u32): u32 {
  store<u32>(cells, load<u32>(cells, cellPc) + (steps << 4), cellStop)
  while (true) {
    const pc = load<u32>(cells, cellPc)
    const stop = load<u32>(cells, cellStop)
    if (stop == pc) return stopped
    if (stop - pc >= load<u32>(cells, cellMargin) || pc == wild || stop > load<u32>(cells, cellCodeEnd)) {
      const reason = dispatch()
      if (reason != stopped) return reason
      continue
    }
    const operation = load<u16>(stop)
    const before = load<u16>(stop - 16)
    const plain = load<u16>(plainOperations + (u32(before) << 1))
    if (plain != 0) store<u16>(stop - 16, plain)
    store<u16>(stop, breakOperation)
    const reason = dispatch()
    store<u16>(stop, operation)
    store<u16>(stop - 16, before)
    if (reason != stopped) return reason
  }
}

/** Brings a page of the output, which stands in the scratch page, into the output's tree. */
export function hashOutputPage(index: u32): void {
  hashPage(scratchPage, outputTree + 32 * index)
  store<u8>(outputFlags + (1 << treeLog) + (index >> 1), 1)
}

/** Values of a frame, of arguments or of globals, big-endian, as the leaves of a tree of depth 6. */
const leaves: usize = memory.data(8192)

function valuesRoot(values: usize, count: u32, out: usize): void {
  count = min(count, 1024)
  for (let i: u32 = 0; i < count; i++) store<u64>(leaves + 8 * i, bswap<u64>(load<u64>(values + 8 * i)))
  memory.fill(leaves + 8 * count, 0, 8192 - 8 * count)
  smallRoot(leaves, 6, out)
}

const message: usize = memory.data(272)
const suspended: usize = memory.data(32)

/** Hashes the links that are not, from the oldest on; each stands for those before it. */
function hashLinks(fp: usize, lp: usize): void {
  memory.fill(suspended, 0, 32)
  for (let link: usize = links; link < lp; link += linkSize) {
    if (load<u8>(link, 16) == 0) {
      const frame = load<u32>(link)
      const above: usize = link + linkSize < lp ? load<u32>(link, linkSize) : u32(fp)
      store<u8>(message, 0x03)
      memory.copy(message + 1, suspended, 32)
      valuesRoot(frame, u32(above - frame) >> 3, message + 33)
      store<u32>(message, bswap<u32>((load<u32>(link, 4) - code) >> 4), 65)
      store<u32>(message, bswap<u32>(load<u32>(link, 8)), 69)
      store<u16>(message, bswap<u16>(load<u16>(link, 12)), 73)
      keccak256(message, 75, link + 32)
      store<u8>(link, 1, 16)
    }
    memory.copy(suspended, link + 32, 32)
  }
}

/** Brings the memory's tree up to date and writes its root to the cell of the hash. */
export function memoryRoot(): void {
  refresh(memoryTree, memoryFlags, treeLog, guest, load<u32>(cells, cellHighPages) << 4)
  rootOf(memoryTree, treeLog, 23, cells + cellHash)
}

/** Root of the output, of which that many pages are in its tree. */
export function outputRoot(pages: u32): void {
  refreshAbove(outputTree, outputFlags, treeLog, pages)
  rootOf(outputTree, treeLog, 23, cells + cellHash)
}

/**
 * Writes the hash of the running state to the cell of the hash.
 * @param frameBytes - Size of the current frame, behind which the arguments stand.
 * @param args - How many arguments there may be.
 * @param outputPages - How many pages of output are in its tree.
 */
export function stateHash(frameBytes: u32, args: u32, outputPages: u32): void {
  const hash: usize = cells + cellHash
  const fp = load<u32>(cells, cellFrame)
  const lp = load<u32>(cells, cellLinks)
  const pc = load<u32>(cells, cellPc)
  hashLinks(fp, lp)
  store<u8>(message, 0x01)
  memory.copy(message + 1, cells + cellJobHash, 32)
  memoryRoot()
  memory.copy(message + 33, hash, 32)
  valuesRoot(globals, 1024, message + 65)
  valuesRoot(fp, frameBytes >> 3, message + 97)
  valuesRoot(fp + frameBytes, args, message + 129)
  memory.copy(message + 161, suspended, 32)
  outputRoot(outputPages)
  memory.copy(message + 193, hash, 32)
  store<u64>(message, bswap<u64>(load<u64>(cells, cellSteps)), 225)
  store<u32>(message, bswap<u32>(load<u32>(cells, cellOutputLength)), 233)
  store<u32>(message, bswap<u32>(load<u32>(cells, cellPages)), 237)
  store<u32>(message, bswap<u32>(pc == wild ? load<u32>(cells, cellWildPc) : (pc - code) >> 4), 241)
  store<u32>(message, bswap<u32>(load<u32>(cells, cellStack)), 245)
  store<u32>(message, bswap<u32>(load<u32>(cells, cellRep)), 249)
  store<u32>(message, 0, 253)
  keccak256(message, 257, hash)
}

import { expect } from 'chai'
import { decodeModule, treePageSize } from '../src/vm/fast/hashing.ts'
import * as at from '../src/vm/fast/layout.ts'
import { engine, operationNames } from '../src/vm/fast/modules/engine.ts'
import { limits, pageSize } from '../src/vm/isa.ts'

/** Bytes of a frame: all slots, the one that is always zero, and up to a multiple of 16. */
const frame = 8 * (limits.slots + 2)
const args = 8 * limits.slots
/** Nodes of a tree over all pages: its leaves, and each level above. */
const nodes = 2 ** (at.treeLog + 1) - 1

/** Regions in the order of their addresses, with the bytes that they need. */
const regions: [name: string, start: number, bytes: number][] = [
  ['cells', at.cells, at.cellHash + 32],
  ['plainOperations', at.plainOperations, 2 * operationNames.length],
  ['scratchPage', at.scratchPage, treePageSize],
  ['globals', at.globals, 8 * limits.slots],
  ['constants', at.constants, 16 * limits.codeWords],
  ['table', at.table, 16 * limits.tableEntries],
  // a call takes more of the stack's budget than its frame has slots; one frame may begin at the end
  ['frames', at.frames, 8 * limits.stack + frame + args],
  ['frame at the end', at.framesEnd, frame + args],
  ['links', at.links, at.linkSize * (limits.stack / limits.stackPerCall)],
  ['link at the end', at.linksEnd, at.linkSize],
  ['trial', at.trial, 2 * at.recordSize],
  ['wild', at.wild, at.recordSize],
  // one for the end of the code
  ['code', at.code, at.recordSize * (limits.codeWords + 1)],
  ['memoryTree', at.memoryTree, 32 * nodes],
  ['memoryFlags', at.memoryFlags, nodes],
  ['outputTree', at.outputTree, 32 * nodes],
  ['outputFlags', at.outputFlags, nodes],
  ['guest', at.guest, pageSize * limits.pages],
  ['end of what 32 bits address', 2 ** 32, 0],
]

describe('The memory of the fast machine', () => {
  it('has regions that hold what the limits of the machine allow, one behind the other', () => {
    for (const [index, [name, start, bytes]] of regions.slice(0, -1).entries()) {
      const [next, end] = regions[index + 1]!
      expect(start + bytes, `${name} reaches into ${next}`).to.be.at.most(end)
    }
  })

  it('lists all of them', () => {
    const addresses = Object.entries(at).filter(([, value]) => value >= at.cells)
    // may stand where a frame at the end does: it is cleared before the program begins
    const { trialFrame, ...others } = Object.fromEntries(addresses)
    expect(trialFrame).to.be.within(at.framesEnd, at.links - 64)
    expect(Object.values(others)).to.have.members(regions.slice(0, -1).map(([, start]) => start))
  })

  it('has fields of the state one behind the other', () => {
    const wide: Record<string, number> = { cellSteps: 8, cellJobHash: 32, cellHash: 32 }
    const cells = Object.entries(at).filter(([name]) => /^cell[A-Z]/.test(name))
    let end = 0
    for (const [name, offset] of cells.sort(([, left], [, right]) => left - right)) {
      expect(offset, name).to.be.at.least(end)
      end = offset + (wide[name] ?? 4)
    }
    expect(at.cellTable + 4, 'what a snapshot copies').to.equal(at.cellsSize)
    expect(at.cellJobHash, 'hashes are no part of it').to.be.at.least(at.cellsSize)
  })

  it('has trees over all of the memory, and of the output', () => {
    expect(2 ** at.treeLog * treePageSize).to.equal(pageSize * limits.pages)
    expect(2 ** at.treeLog * treePageSize).to.equal(limits.contentBytes)
  })

  it('begins with all regions before the program’s memory, which the compiler puts nothing into', () => {
    const host = { read: () => undefined, write: () => undefined }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeModule(engine)), { host })
    const { buffer } = exports.memory as WebAssembly.Memory
    expect(buffer.byteLength).to.equal(at.guest)
    expect(at.guest, 'docs/vm/fast.md has this number').to.equal(100 * 2 ** 20)
    const values = new BigUint64Array(buffer, at.cells)
    expect(values.findIndex((value) => value !== 0n)).to.equal(-1)
  })
})

import { expect } from 'chai'
import { inC, keptHashes, sourceHash } from '../../bench/vm/kernels.ts'

describe('kernels in C', () => {
  it('are compiled from the sources that are there: else run "node scripts/bootstrap.mjs node bench/vm/kernels.ts"', async () => {
    const names = Object.keys(inC)
    const hashes = await Promise.all(names.map(async (name) => [name, await sourceHash(name)]))
    expect(await keptHashes()).to.deep.equal(Object.fromEntries(hashes))
  })
})

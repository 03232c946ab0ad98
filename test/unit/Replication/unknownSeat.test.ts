import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { replicationMarket } from '../../helpers/replication.ts'

describe('ReplicationUnknownSeat', () => {
  const jobId = ethers.id('no job')

  for (const name of ['commit', 'reveal'] as const) {
    it(`names the market that ${name} was asked about, not the caller`, async () => {
      const { replication, address, actors } = await networkHelpers.loadFixture(replicationMarket)
      const as = replication.connect(actors.provider)
      const sending =
        name === 'commit'
          ? as.commit(address, jobId, ethers.id('commitment'))
          : as.reveal(address, jobId, ethers.ZeroHash, 0n, ethers.ZeroHash)
      await expect(sending)
        .to.be.revertedWithCustomError(replication, 'ReplicationUnknownSeat')
        .withArgs(address, jobId)
    })
  }
})

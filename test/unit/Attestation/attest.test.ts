import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { chainId, ethers, networkHelpers } from '../../helpers/chain.ts'
import { ATTESTED, busyMarket, type World } from '../../helpers/fixtures.ts'
import {
  claimedSigned,
  type Job,
  post,
  RESULT_ROOT,
  submit,
  submitted,
  TOTAL_STEPS,
  windowEnd,
} from '../../helpers/jobs.ts'
import { attestersHash, signAttestation } from '../../helpers/signing.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { commitmentOf, word } from '../../helpers/terms.ts'
import { at, travelTo } from '../../helpers/time.ts'

const RESULT = commitmentOf(RESULT_ROOT, TOTAL_STEPS)

describe('Attestation.attest', () => {
  let world: World
  let job: Job
  let list: string[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { eve, keeper, treasury } = world.actors
    list = [eve.address, keeper.address, treasury.address]
    job = await submitted(world, { terms: { level: ATTESTED, assurance: attestersHash(list) } })
  })

  const sign = (who: Signer, result = RESULT, jobId = job.jobId) => signAttestation(world, who, jobId, result)
  const attest = (signature: string, index = 0n, attesters = list, requester = job.requester.address) =>
    world.attestation
      .connect(world.actors.hook)
      .attest(world.address, requester, job.terms, attesters, index, signature)
  const digestOf = async (result = RESULT, jobId = job.jobId) =>
    ethers.TypedDataEncoder.hash(
      {
        name: 'Assay Attestation',
        version: '1',
        chainId,
        verifyingContract: await world.attestation.getAddress(),
      },
      {
        Attestation: [
          { name: 'market', type: 'address' },
          { name: 'jobId', type: 'bytes32' },
          { name: 'resultCommitment', type: 'bytes32' },
        ],
      },
      { market: world.address, jobId, resultCommitment: result },
    )
  const refuses = (sending: Promise<unknown>, error: string, values: unknown[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.attestation, error)
      .withArgs(...values)

  describe('given the signature of an attester', () => {
    for (const [index, who] of [
      [0n, 'eve'],
      [1n, 'keeper'],
      [2n, 'treasury'],
    ] as const) {
      it(`takes that of number ${index}, from anyone, and emits ResultAttested`, async () => {
        const signer = world.actors[who]
        await expect(attest(await sign(signer), index))
          .to.emit(world.attestation, 'ResultAttested')
          .withArgs(world.address, job.jobId, signer.address, RESULT)
        expect(await world.attestation.isAttested(world.address, job.jobId)).to.equal(true)
        expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settleable'))
      })
    }

    it('refuses it at the place of another', async () => {
      const { eve, keeper } = world.actors
      const values = [job.jobId, keeper.address, await digestOf()]
      await refuses(attest(await sign(eve), 1n), 'AttestationWrongSignature', values)
    })

    it('refuses a place behind the list', async () => {
      const signature = await sign(world.actors.eve)
      for (const index of [3n, 2n ** 256n - 1n]) {
        await refuses(attest(signature, index), 'AttestationUnknownAttester', [job.jobId, index, 3n])
      }
    })

    it('takes it while a challenge is open', async () => {
      await world.market.connect(world.actors.hook).challengeOpened(job.jobId)
      await attest(await sign(world.actors.eve))
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
    })

    it('is over with a second one: the result is final', async () => {
      const { eve, keeper } = world.actors
      await attest(await sign(eve))
      const values = [job.jobId, statusNumber('Settleable')]
      await refuses(attest(await sign(keeper), 1n), 'AttestationNoResult', values)
    })

    it('takes it in the last second of the window, and needs it no more after', async () => {
      const signature = await sign(world.actors.eve)
      const snapshot = await networkHelpers.takeSnapshot()
      await at(windowEnd(job), () => attest(signature))
      await snapshot.restore()
      const sending = at(windowEnd(job) + 1n, () => attest(signature))
      await refuses(sending, 'AttestationNoResult', [job.jobId, statusNumber('Settleable')])
    })
  })

  // AT-3
  describe('given another signature', () => {
    it('refuses one of somebody who is no attester, of no bytes and of zeros', async () => {
      const { eve, rival } = world.actors
      const values = [job.jobId, eve.address, await digestOf()]
      for (const each of [await sign(rival), '0x', `0x${'00'.repeat(65)}`]) {
        await refuses(attest(each), 'AttestationWrongSignature', values)
      }
    })

    it('refuses one over another result or another job', async () => {
      const { eve } = world.actors
      const values = [job.jobId, eve.address, await digestOf()]
      const other = await sign(eve, commitmentOf(RESULT_ROOT, TOTAL_STEPS + 1n))
      await refuses(attest(other), 'AttestationWrongSignature', values)
      await refuses(attest(await sign(eve, RESULT, word('job'))), 'AttestationWrongSignature', values)
    })

    it('refuses one for another market', async () => {
      const { eve, rival } = world.actors
      const foreign = await signAttestation(
        { attestation: world.attestation, address: rival.address },
        eve,
        job.jobId,
        RESULT,
      )
      const values = [job.jobId, eve.address, await digestOf()]
      await refuses(attest(foreign), 'AttestationWrongSignature', values)
    })
  })

  // AT-3
  describe('given another list', () => {
    it('refuses it, in another order too', async () => {
      const { rival, eve } = world.actors
      const signature = await sign(eve)
      for (const other of [
        [rival.address],
        [...list].reverse(),
        list.slice(0, 2),
        [...list, eve.address],
        [],
      ]) {
        const values = [job.jobId, attestersHash(other), attestersHash(list)]
        await refuses(attest(signature, 0n, other), 'AttestationWrongList', values)
      }
    })
  })

  describe('given another requester', () => {
    it('means another job, which has no result', async () => {
      const { rival, eve } = world.actors
      const jobId = await world.market.jobIdOf(rival, job.terms)
      const sending = attest(await sign(eve), 0n, list, rival.address)
      await refuses(sending, 'AttestationNoResult', [jobId, statusNumber('None')])
    })
  })

  describe('given a zero address among the attesters', () => {
    it('takes no signature for it', async () => {
      list = [ethers.ZeroAddress]
      job = await submitted(world, { terms: { level: ATTESTED, assurance: attestersHash(list) } })
      const values = [job.jobId, ethers.ZeroAddress, await digestOf()]
      for (const each of [`0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`]) {
        await refuses(attest(each), 'AttestationWrongSignature', values)
      }
    })
  })

  describe('given an empty list', () => {
    it('takes nothing', async () => {
      list = []
      job = await submitted(world, { terms: { level: ATTESTED, assurance: attestersHash([]) } })
      await refuses(attest(await sign(world.actors.eve)), 'AttestationUnknownAttester', [job.jobId, 0n, 0n])
    })
  })

  describe('given a wallet contract as the attester', () => {
    it('takes what its owner signed, and nothing when it says no', async () => {
      const { eve, rival } = world.actors
      const wallet = await ethers.deployContract('WalletMock', [eve.address])
      list = [await wallet.getAddress()]
      job = await submitted(world, { terms: { level: ATTESTED, assurance: attestersHash(list) } })
      const values = [job.jobId, list[0], await digestOf()]
      await refuses(attest(await sign(rival)), 'AttestationWrongSignature', values)
      for (const manner of [1n, 2n, 3n]) {
        await wallet.setManner(manner)
        await refuses(attest(await sign(eve)), 'AttestationWrongSignature', values)
      }
      await wallet.setManner(0n)
      await expect(attest(await sign(eve)))
        .to.emit(world.attestation, 'ResultAttested')
        .withArgs(world.address, job.jobId, list[0], RESULT)
    })
  })

  describe('given a job without a result', () => {
    it('is refused while it is open, claimed or settled', async () => {
      const { eve } = world.actors
      const terms = { level: ATTESTED, assurance: attestersHash(list) }
      await world.market.connect(job.requester).accept(job.jobId)
      const refused = async () => {
        const status = await world.market.statusOf(job.jobId)
        await refuses(attest(await sign(eve)), 'AttestationNoResult', [job.jobId, status])
        return status
      }
      expect(await refused()).to.equal(statusNumber('Settled'))
      job = await post(world, { terms })
      expect(await refused()).to.equal(statusNumber('Open'))
      await world.market.connect(job.provider).claim(job.jobId)
      expect(await refused()).to.equal(statusNumber('Claimed'))
    })
  })

  describe('given a job of another level that names attesters', () => {
    it('changes nothing: its level is not asked', async () => {
      job = await submitted(world, { terms: { level: 3n, assurance: attestersHash(list) } })
      await attest(await sign(world.actors.eve))
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    })
  })

  describe('given a job that was agreed by signature', () => {
    it('takes it as well', async () => {
      const terms = { level: ATTESTED, assurance: attestersHash(list) }
      job = await submit(world, await claimedSigned(world, { terms }))
      await attest(await sign(world.actors.eve))
      await travelTo(job.submittedAt + 2n)
      await expect(world.market.settle(job.jobId)).to.emit(world.market, 'JobSettled')
    })
  })

  it('says in which domain attesters sign', async () => {
    const { name, version, chainId: id, verifyingContract } = await world.attestation.eip712Domain()
    const address = await world.attestation.getAddress()
    expect([name, version, id, verifyingContract]).to.deep.equal(['Assay Attestation', '1', chainId, address])
  })

  it('has the hash of a list by its definition', async () => {
    expect(await world.attestation.attestersHash(list)).to.equal(attestersHash(list))
    expect(await world.attestation.attestersHash([])).to.equal(attestersHash([]))
  })
})

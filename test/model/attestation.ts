/** The hooks that are asked what is final: that of the level Attested, and scripted ones that say so when told to. */
import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import { Market } from './market.ts'
import type { Address, Terms } from './terms.ts'
import { type Job, need, windowEnd } from './types.ts'

export abstract class AttestedMarket extends Market {
  /** The jobs whose result an attester has signed. */
  readonly attested = new Set<Hex>()
  /** The jobs whose result a scripted hook finds final once the window is over. */
  readonly decided = new Map<Address, Set<Hex>>()

  /**
   * Anyone may hand in an attester's signature; it ends the challenge window early.
   * @param signedResult - The result commitment that the attester has signed.
   */
  attest(
    _from: Address,
    requester: Address,
    terms: Terms,
    attesters: readonly Address[],
    index: number,
    signedResult: Hex,
  ): void {
    const id = this.idOf(requester, terms)
    need(attestersHash(attesters) === terms.assurance, 'AttestationWrongList')
    const attester = attesters[index]
    need(attester !== undefined, 'AttestationUnknownAttester')
    need(['Submitted', 'Disputed'].includes(this.statusOf(id)), 'AttestationNoResult')
    const { resultCommitment } = this.jobs.get(id)!
    // an account with code is asked itself (ERC-1271), and those of the players do not answer
    const isSigned = signedResult === resultCommitment && this.codeless.has(attester)
    need(isSigned, 'AttestationWrongSignature')
    this.attested.add(id)
    this.emit('ResultAttested', { market: this.address, jobId: id, attester, resultCommitment })
  }

  decide(hook: Address, id: Hex): void {
    this.decided.set(hook, new Set(this.decided.get(hook)).add(id))
  }

  protected isFinalFor(hook: Address, job: Job): boolean {
    const isOver = this.now > windowEnd(job)
    if (hook === this.attestation) return isOver || this.attested.has(job.id)
    return isOver && (this.decided.get(hook)?.has(job.id) ?? false)
  }
}

/** The `assurance` of an Attested job. */
export function attestersHash(attesters: readonly Address[]): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address[]' }], [attesters]))
}

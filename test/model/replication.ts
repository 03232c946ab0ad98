/**
 * The level Replicated: a group of seats, each a job of its own, computes the same, and what more than half of them reveal is
 * the result. Where there is no majority, spares that a block's hash draws decide for both rounds. The hook holds no money: it
 * concludes seats, and the market pays and slashes.
 */
import { concatHex, encodeAbiParameters, type Hex, keccak256, numberToHex, zeroAddress, zeroHash } from 'viem'
import { AttestedMarket } from './attestation.ts'
import { type Address, packWord } from './terms.ts'
import { type Job, need, resultCommitmentOf } from './types.ts'

const BPS = 10_000
const DRAW_DELAY = 4n
/** How many blocks back the chain knows hashes. */
const MEMORY = 256n

/** What the `assurance` of a seat says. */
export interface SeatTerms {
  /** Seats have the first numbers, spares the ones after. */
  index: number
  seats: number
  spares: number
  /** One provider in `2^drawBits` may take a spare. */
  drawBits: number
  /** What a seat gets whose work decided nothing, of its price. */
  baseBps: number
  commitTime: number
  revealTime: number
  drawTime: number
  /** Tells groups apart. */
  salt: bigint
}

export type Phase = (typeof phases)[number]
export const phases = ['None', 'First', 'Escalated', 'Closed'] as const

export interface Group {
  id: Hex
  /** With index zero. */
  terms: SeatTerms
  claimBy: number
  phase: Phase
  jobIds: (Hex | undefined)[]
  /** Counts; the last three are of the phase. */
  posted: number
  claimed: number
  committed: number
  revealed: number
  seated: Set<Address>
  /** The block whose hash draws the spares; zero before the first commit. */
  targetBlock: bigint
  isRetargeted: boolean
  /** When the last seat of the first round so far committed. */
  committedAt: number
  seed: Hex
}

export interface Seat {
  groupId: Hex
  index: number
  provider: Address
  commitment: Hex
  vote: Hex
}

export class ReplicatedMarket extends AttestedMarket {
  readonly groups = new Map<Hex, Group>()
  readonly seats = new Map<Hex, Seat>()
  /** The number of the block that the call is in, and the hashes that matter of those before. */
  block = 0n
  readonly blockHashes = new Map<bigint, Hex>()

  /** A group is opened by whichever of its jobs comes first; its id is that of the job of seat 0. */
  jobPosted({ id, requester, terms }: Job): () => void {
    const t = unpackSeat(terms.assurance)
    const sizes = [3, 5, 7, 9, 11, 13, 15]
    need(sizes.includes(t.seats) && [0, ...sizes].includes(t.spares), 'ReplicationWrongSize')
    need(t.index < t.seats + t.spares, 'ValueOutOfRange')
    need(t.drawBits <= 64 && t.baseBps <= BPS, 'ValueOutOfRange')
    const week = 7 * 86_400
    const times = [t.commitTime, t.revealTime, t.drawTime]
    need(Math.min(...times) >= 1 && Math.max(...times) <= week, 'ValueOutOfRange')
    const later = t.index < t.seats ? 0 : t.commitTime + t.revealTime + t.drawTime
    const claimBy = terms.claimBy - later
    const shared = { ...t, index: 0 }
    const groupId = this.idOf(requester, { ...terms, claimBy, assurance: packSeat(shared) })
    const group = this.groups.get(groupId) ?? newGroup(groupId, shared, claimBy)
    need(group.jobIds[t.index] === undefined, 'ReplicationSeatTaken')
    need(group.phase === 'First', 'ReplicationWrongPhase')
    return () => {
      this.groups.set(groupId, group)
      group.posted += 1
      group.jobIds[t.index] = id
      const empty = { provider: zeroAddress, commitment: zeroHash, vote: zeroHash }
      this.seats.set(id, { groupId, index: t.index, ...empty })
      this.emit('SeatPosted', { market: this.address, groupId, jobId: id, index: t.index })
    }
  }

  /** Nobody sits twice in a group, and a spare's provider must have been drawn. */
  jobClaimed({ id }: Job, provider: Address): () => void {
    const { seat, group } = this.seatOf(id)
    const isSpare = seat.index >= group.terms.seats
    need(group.posted === group.terms.seats + group.terms.spares, 'ReplicationNotPosted')
    need(group.phase === phaseOf(seat, group), 'ReplicationWrongPhase')
    need(!group.seated.has(provider), 'ReplicationAlreadySeated')
    need(!isSpare || this.isLotDrawn(group, provider), 'ReplicationNotDrawn')
    return () => {
      group.seated.add(provider)
      group.claimed += 1
      seat.provider = provider
      this.emit('SeatClaimed', { groupId: group.id, jobId: id, provider })
    }
  }

  /** A seat shows first only that it has a result. Each commit of the first round puts off the draw. */
  commit(from: Address, id: Hex, commitment: Hex): void {
    const { seat, group } = this.seatOf(id)
    need(from === seat.provider, 'ReplicationNotProvider')
    need(group.phase === phaseOf(seat, group), 'ReplicationWrongPhase')
    need(seat.commitment === zeroHash, 'ReplicationCommitted')
    need(commitment !== zeroHash, 'ValueOutOfRange')
    need(this.now <= timesOf(group).commitBy, 'ReplicationDeadlinePassed')
    seat.commitment = commitment
    group.committed += 1
    if (group.phase === 'First') {
      group.targetBlock = this.block + DRAW_DELAY
      group.committedAt = this.now
    }
    this.emit('ResultCommitted', { groupId: group.id, jobId: id, commitment })
  }

  /** Once nobody can commit any more, seats show what it was; where all of them are taken. */
  reveal(from: Address, id: Hex, resultRoot: Hex, totalSteps: bigint, salt: Hex): void {
    const { seat, group } = this.seatOf(id)
    const { commitBy, revealBy } = timesOf(group)
    need(from === seat.provider, 'ReplicationNotProvider')
    need(group.phase === phaseOf(seat, group), 'ReplicationWrongPhase')
    need(seat.vote === zeroHash, 'ReplicationRevealed')
    need(group.claimed === sizeOf(group), 'ReplicationNotFilled')
    need(group.committed === sizeOf(group) || this.now > commitBy, 'ReplicationTooEarly')
    need(this.now <= revealBy, 'ReplicationDeadlinePassed')
    need(
      this.commitmentOf(id, from, resultRoot, totalSteps, salt) === seat.commitment,
      'ReplicationWrongReveal',
    )
    seat.vote = resultCommitmentOf(resultRoot, totalSteps)
    group.revealed += 1
    this.emit('ResultRevealed', { groupId: group.id, jobId: id, provider: from, resultRoot, totalSteps })
    this.capture(group)
  }

  captureSeed(_from: Address, groupId: Hex): void {
    this.capture(this.groupIn(groupId))
  }

  /** A requester takes back what it has posted of a group, as long as that is not all of it. */
  cancelGroup(from: Address, groupId: Hex): void {
    const group = this.groupIn(groupId)
    const posted = group.jobIds.filter((id) => id !== undefined)
    need(group.phase === 'First', 'ReplicationWrongPhase')
    need(posted.length < group.jobIds.length, 'ReplicationPosted')
    need(this.jobs.get(posted[0]!)!.requester === from, 'ReplicationNotRequester')
    this.close(group, zeroHash)
  }

  /** Anyone may end a phase that is over. */
  resolve(_from: Address, groupId: Hex): void {
    const group = this.groupIn(groupId)
    need(group.phase !== 'Closed', 'ReplicationWrongPhase')
    const { claimBy, commitBy, revealBy } = timesOf(group)
    const isFilled = group.claimed === sizeOf(group)
    const isCommitted = group.committed === group.claimed || this.now > commitBy
    const isRevealed = isCommitted && group.revealed === group.committed
    need(this.now > (isFilled ? revealBy : claimBy) || (isFilled && isRevealed), 'ReplicationTooEarly')
    const majority = isFilled ? this.majority(group) : zeroHash
    if (majority !== zeroHash) this.close(group, majority)
    else if (isFilled && group.phase === 'First' && this.canEscalate(group)) this.escalate(group)
    else this.close(group, zeroHash)
  }

  /** Nothing happens in this many blocks before the call's own. */
  mine(_from: Address, blocks: number): void {
    this.block += BigInt(blocks)
  }

  isDrawn(groupId: Hex, provider: Address): boolean {
    const group = this.groups.get(groupId)
    return group?.phase === 'Escalated' && !group.seated.has(provider) && this.isLotDrawn(group, provider)
  }

  commitmentOf(id: Hex, provider: Address, resultRoot: Hex, totalSteps: bigint, salt: Hex): Hex {
    const words = ['uint256', 'address', 'bytes32', 'address', 'bytes32', 'uint128', 'bytes32']
    const values = [BigInt(this.chainId), this.address, id, provider, resultRoot, totalSteps, salt]
    return keccak256(
      encodeAbiParameters(
        words.map((type) => ({ type })),
        values,
      ),
    )
  }

  /**
   * With a majority: who voted with it gets the price, everyone else is slashed. Without: who revealed gets the base fee; who
   * was to reveal and did not is slashed, but in a round that was not filled. What was not claimed is taken back.
   */
  private close(group: Group, majority: Hex): void {
    const { baseBps } = group.terms
    const isFilled = group.claimed === sizeOf(group)
    const hook = this.replication
    group.phase = 'Closed'
    this.emit('GroupClosed', { groupId: group.id, resultCommitment: majority })
    for (const id of group.jobIds) {
      if (id === undefined || this.jobs.get(id)!.stage !== 'Seated') continue
      const { vote } = this.seats.get(id)!
      const hasRevealed = vote !== zeroHash
      if (majority === zeroHash) {
        this.conclude(hook, id, zeroHash, hasRevealed ? baseBps : 0, !hasRevealed && isFilled)
      } else if (vote === majority) this.conclude(hook, id, majority, BPS, false)
      else this.conclude(hook, id, zeroHash, 0, true)
    }
    for (const id of group.jobIds) {
      if (id !== undefined && this.jobs.get(id)!.stage === 'Open') this.cancel(hook, id)
    }
  }

  /** Who revealed waits, with a tenth of its bond; who did not is out. */
  private escalate(group: Group): void {
    Object.assign(group, { phase: 'Escalated', claimed: 0, committed: 0, revealed: 0 })
    this.emit('GroupEscalated', { groupId: group.id })
    for (const id of group.jobIds.slice(0, group.terms.seats) as Hex[]) {
      const hasRevealed = this.seats.get(id)!.vote !== zeroHash
      if (hasRevealed) this.freezeBond(this.replication, id)
      else this.conclude(this.replication, id, zeroHash, 0, true)
    }
  }

  private canEscalate(group: Group): boolean {
    const isLate = this.now > timesOf(group).revealBy + group.terms.drawTime
    if (group.terms.spares === 0 || group.targetBlock === 0n || isLate) return false
    this.capture(group)
    return group.seed !== zeroHash || this.block <= group.targetBlock + MEMORY
  }

  /** The chain forgets hashes; a target that was missed is moved, once. */
  private capture(group: Group): void {
    const { targetBlock } = group
    const mayCommit = group.committed < group.terms.seats && this.now <= timesOf(group).commitBy
    if (group.phase === 'First' && mayCommit) return
    if (group.seed !== zeroHash || targetBlock === 0n || this.block <= targetBlock) return
    if (this.block <= targetBlock + MEMORY) {
      group.seed = this.blockHashes.get(targetBlock)!
      this.emit('SeedCaptured', { groupId: group.id, targetBlock, seed: group.seed })
    } else if (!group.isRetargeted) {
      group.isRetargeted = true
      group.targetBlock = this.block + DRAW_DELAY
      this.emit('TargetMoved', { groupId: group.id, targetBlock: group.targetBlock })
    }
  }

  private isLotDrawn({ seed, claimBy, committedAt, terms }: Group, provider: Address): boolean {
    const { registeredAt } = this.provider(provider)
    const lot = BigInt(keccak256(concatHex([seed, provider])))
    const isKnown = registeredAt !== 0 && registeredAt <= claimBy && registeredAt <= committedAt
    return seed !== zeroHash && isKnown && lot >> BigInt(256 - terms.drawBits) === 0n
  }

  /** What more than half of the seats of the phase have revealed; zero where there is no such thing. */
  private majority(group: Group): Hex {
    const { seats } = group.terms
    const ids = group.phase === 'First' ? group.jobIds.slice(0, seats) : group.jobIds.slice(seats)
    const votes = ids.map((id) => this.seats.get(id!)!.vote).filter((vote) => vote !== zeroHash)
    const most = votes.find((vote) => 2 * votes.filter((other) => other === vote).length > ids.length)
    return most ?? zeroHash
  }

  private seatOf(id: Hex): { seat: Seat; group: Group } {
    const seat = this.seats.get(id)
    need(seat !== undefined, 'ReplicationUnknownSeat')
    return { seat, group: this.groups.get(seat.groupId)! }
  }

  private groupIn(id: Hex): Group {
    const group = this.groups.get(id)
    need(group !== undefined, 'ReplicationUnknownGroup')
    return group
  }
}

/** The ends of claiming, committing and revealing, in the group's phase. */
export function timesOf({
  claimBy,
  phase,
  terms,
}: Group): Record<'claimBy' | 'commitBy' | 'revealBy', number> {
  const round = terms.commitTime + terms.revealTime
  const start = phase === 'Escalated' ? claimBy + round + terms.drawTime : claimBy
  return { claimBy: start, commitBy: start + terms.commitTime, revealBy: start + round }
}

/** How many vote in the group's phase. */
export function sizeOf({ phase, terms }: Group): number {
  return phase === 'Escalated' ? terms.spares : terms.seats
}

export function packSeat(t: SeatTerms): Hex {
  const word = packWord([
    [t.index, 8],
    [t.seats, 8],
    [t.spares, 8],
    [t.drawBits, 8],
    [t.baseBps, 16],
    [t.commitTime, 24],
    [t.revealTime, 24],
    [t.drawTime, 24],
    [t.salt, 136],
  ])
  return numberToHex(word, { size: 32 })
}

function unpackSeat(assurance: Hex): SeatTerms {
  const word = BigInt(assurance)
  const bits = (from: number, count: number) => Number(BigInt.asUintN(count, word >> BigInt(from)))
  return {
    ...{ index: bits(0, 8), seats: bits(8, 8), spares: bits(16, 8), drawBits: bits(24, 8) },
    ...{ baseBps: bits(32, 16), commitTime: bits(48, 24), revealTime: bits(72, 24), drawTime: bits(96, 24) },
    salt: word >> 120n,
  }
}

/** In which phase a seat has something to say. */
function phaseOf(seat: Seat, group: Group): Phase {
  return seat.index < group.terms.seats ? 'First' : 'Escalated'
}

function newGroup(id: Hex, terms: SeatTerms, claimBy: number): Group {
  const jobIds = Array<Hex | undefined>(terms.seats + terms.spares).fill(undefined)
  const counts = { posted: 0, claimed: 0, committed: 0, revealed: 0 }
  const draw = { targetBlock: 0n, isRetargeted: false, committedAt: 0, seed: zeroHash }
  return { id, terms, claimBy, phase: 'First', jobIds, ...counts, ...draw, seated: new Set() }
}

/**
 * Gas of every function and of whole job lives, written to `bench/gas.json`.
 *
 * Steady state: every touched word is already non-zero, fee and reputation are non-zero, no word is cleared for its
 * refund. The data URI is a realistic one, the price is taken half-way up the auction. The chain's clock starts at a fixed
 * date, so that ids and hashes, whose zero bytes are cheaper, are the same in every run.
 *
 *   npm run bench:gas            measure and write
 *   npm run bench:gas -- --check measure and fail when the file differs, naming each figure that does
 */
import { readFileSync, writeFileSync } from 'node:fs'
import hre from 'hardhat'
import { type Hex, keccak256, parseSignature, toHex, zeroAddress, zeroHash } from 'viem'
import { AGREEMENT, PERMIT } from '../test/helpers/typedData.ts'
import { breakdown, type GasBreakdown } from './breakdown.ts'
import { drift } from './drift.ts'

const FILE = new URL('./gas.json', import.meta.url)
const TOKENS = 1_000_000n
const START = new Date('2026-01-01T00:00:00Z')
const CLAIM_BY = BigInt(START.getTime()) / 1_000n + 20n * 86_400n
const DATA_URI = 'https://store.example.org:4400'

const connection = await hre.network.create({ override: { initialDate: START } })
const { viem, networkHelpers } = connection
const [owner, requester, provider, keeper, ...rivals] = await viem.getWalletClients()
const publicClient = await viem.getPublicClient()
if (!owner || !requester || !provider || !keeper) throw new Error('four accounts are needed')

const parameters = {
  feeBps: 100,
  bondBps: 10_000,
  surchargeBps: 10_000,
  latenessBps: 2_000,
  minBond: 1_000_000n,
  baseExposure: 1_000n * TOKENS,
  minRun: 1,
  minWindow: 1,
  lateRequesterGas: 20_000n,
  lateKeeperGas: 10_000n,
  keyTime: 600,
}
const token = await viem.deployContract('AssayToken', [owner.account.address, 10n ** 15n])
const timelock = await viem.deployContract('TimelockController', [
  0n,
  [owner.account.address],
  [owner.account.address],
  zeroAddress,
])
const attestation = await viem.deployContract('Attestation')
const replication = await viem.deployContract('Replication')
const store = await viem.deployContract('ParameterStore')
const market = await viem.deployContract(
  'JobMarket',
  [
    token.address,
    timelock.address,
    owner.account.address,
    owner.account.address,
    parameters,
    [
      { hook: zeroAddress, isMediated: false },
      { hook: attestation.address, isMediated: false },
      { hook: replication.address, isMediated: true },
    ],
  ],
  { libraries: { ParameterStore: store.address } },
)

type Wallet = typeof owner
const as = (wallet: Wallet) => ({ account: wallet.account })
async function gasOf(hash: Promise<Hex>): Promise<number> {
  const receipt = await publicClient.waitForTransactionReceipt({ hash: await hash })
  if (receipt.status !== 'success') throw new Error(`transaction ${receipt.transactionHash} reverted`)
  return Number(receipt.gasUsed)
}

let nonce = 0n
async function terms(tasks = 64n) {
  nonce += 1n
  const rules =
    2_000_000n | // maxPrice
    (5_000n << 80n) | // minBps
    (600n << 96n) | // ramp
    (3_600n << 120n) | // run
    (3_600n << 144n) | // window
    (1n << 168n) | // minReputation
    (0x00_1_008_04n << 188n) // 4 cores, 2 GiB, 1 GiB
  const salt = BigInt(keccak256(toHex(nonce))) >> 192n
  const limits =
    tasks | (CLAIM_BY << 32n) | ((1n << 36n) << 64n) | (65_536n << 128n) | (256n << 160n) | (salt << 192n)
  return {
    programId: keccak256(toHex('program')),
    inputsRoot: keccak256(toHex(`inputs ${nonce}`)),
    sharedInput: keccak256(toHex('shared')),
    rules,
    limits,
    assurance: zeroHash as Hex,
    dataUri: DATA_URI,
  }
}
const functions: Record<string, number> = {}
const sum = (parts: Record<string, number>) => Object.values(parts).reduce((total, gas) => total + gas, 0)

async function postOne(tasks?: bigint): Promise<{ jobId: Hex; gas: number }> {
  const t = await terms(tasks)
  const jobId = await market.read.jobIdOf([requester!.account.address, t])
  return { jobId, gas: await gasOf(market.write.post([t], as(requester!))) }
}
const result = (jobId: Hex, tasks = 64n) => [jobId, keccak256(jobId), tasks] as const

/** One undisputed life, half-way up the auction: its four transactions. */
async function lifeOf(tasks?: bigint): Promise<Record<'post' | 'claim' | 'submit' | 'settle', Hex>> {
  const t = await terms(tasks)
  const jobId = await market.read.jobIdOf([requester!.account.address, t])
  const post = await market.write.post([t], as(requester!))
  await networkHelpers.time.increase(300)
  const claim = await market.write.claim([jobId], as(provider!))
  const submit = await market.write.submit(result(jobId, tasks), as(provider!))
  await networkHelpers.time.increase(3_601)
  const settle = await market.write.settle([jobId], as(keeper!))
  return { post, claim, submit, settle }
}

/** Gas of each transaction of {@link lifeOf}. */
async function life(tasks?: bigint) {
  const { post, claim, submit, settle } = await lifeOf(tasks)
  const gas = (hash: Hex) => gasOf(Promise.resolve(hash))
  return {
    post: await gas(post),
    claim: await gas(claim),
    submit: await gas(submit),
    settle: await gas(settle),
  }
}

async function claimed(): Promise<Hex> {
  const { jobId } = await postOne()
  await market.write.claim([jobId], as(provider!))
  return jobId
}
async function submitted(): Promise<Hex> {
  const jobId = await claimed()
  await market.write.submit(result(jobId), as(provider!))
  return jobId
}

// Steady state: funded, staked, registered, one life behind everybody.
for (const wallet of [requester, provider, keeper]) {
  await token.write.transfer([wallet.account.address, 10_000_000n * TOKENS])
  await token.write.approve([market.address, 2n ** 256n - 1n], as(wallet))
  await market.write.deposit([1_000n * TOKENS], as(wallet))
}
const endpoint = 'http://198.51.100.8:4401'
await market.write.updateProvider([0x00_4_020_08, 1_000, endpoint, keccak256(toHex('key'))], as(provider))
await market.write.stake([500n * TOKENS], as(provider))
for (const rival of rivals.slice(0, 2)) {
  await token.write.transfer([rival.account.address, 1_000n * TOKENS])
  await token.write.approve([market.address, 2n ** 256n - 1n], as(rival))
  await market.write.deposit([1_000n * TOKENS], as(rival))
  await market.write.updateProvider([0x00_4_020_08, 1_000, endpoint, keccak256(toHex('key'))], as(rival))
  await market.write.stake([500n * TOKENS], as(rival))
}
await token.write.transfer([market.address, 1n]) // a token balance and a reserve that are not zero
{
  const first = await terms()
  const warm = { ...first, rules: first.rules & ~(0xfffffn << 168n) }
  const jobId = await market.read.jobIdOf([requester.account.address, warm])
  await market.write.post([warm], as(requester))
  await market.write.claim([jobId], as(provider))
  await market.write.submit(result(jobId), as(provider))
  await networkHelpers.time.increase(3_601)
  await market.write.settle([jobId], as(keeper))
  for (const rival of rivals.slice(0, 2)) {
    const again = await terms()
    const open = { ...again, rules: again.rules & ~(0xfffffn << 168n) }
    const id = await market.read.jobIdOf([requester.account.address, open])
    await market.write.post([open], as(requester))
    await market.write.claim([id], as(rival))
    await market.write.submit(result(id), as(rival))
    await market.write.accept([id], as(requester))
  }
  const late = await claimed()
  await networkHelpers.time.increase(3_601)
  await market.write.fail([late], as(keeper))
}

functions.deposit = await gasOf(market.write.deposit([TOKENS], as(requester)))
functions.withdraw = await gasOf(market.write.withdraw([requester.account.address, TOKENS], as(requester)))
functions.transfer = await gasOf(market.write.transfer([keeper.account.address, TOKENS, '0x'], as(requester)))
functions.stake = await gasOf(market.write.stake([TOKENS], as(provider)))
functions.unstake = await gasOf(market.write.unstake([TOKENS], as(provider)))
functions.updateProvider = await gasOf(
  market.write.updateProvider([0x00_4_020_08, 1_001, endpoint, keccak256(toHex('key 2'))], as(provider)),
)
{
  const deadline = 2n ** 255n
  const signature = await requester.signTypedData({
    domain: { name: 'Assay Token', version: '1', chainId: 31337, verifyingContract: token.address },
    types: { Permit: PERMIT },
    primaryType: 'Permit',
    message: {
      owner: requester.account.address,
      spender: market.address,
      value: 2n * TOKENS,
      nonce: await token.read.nonces([requester.account.address]),
      deadline,
    },
  })
  const { r, s, yParity } = parseSignature(signature)
  const v = 27 + yParity
  functions.depositWithPermit = await gasOf(
    market.write.depositWithPermit([2n * TOKENS, deadline, v, r, s], as(requester)),
  )
  await token.write.approve([market.address, 2n ** 256n - 1n], as(requester))
}

const parts = await life()
Object.assign(functions, parts)
const optimistic = parts.post + parts.claim + parts.submit + parts.settle

{
  const many = [await terms(), await terms(), await terms(), await terms(), await terms()]
  const total = await gasOf(market.write.postMany([many], as(requester)))
  functions['postMany/job'] = Math.round(total / many.length)
  const { jobId } = await postOne()
  functions.cancel = await gasOf(market.write.cancel([jobId], as(requester)))
  functions.release = await gasOf(market.write.release([await claimed()], as(provider)))
  functions.accept = await gasOf(market.write.accept([await submitted()], as(requester)))
  const late = await claimed()
  await networkHelpers.time.increase(3_601)
  functions.fail = await gasOf(market.write.fail([late], as(keeper)))
  functions.collectFees = await gasOf(market.write.collectFees([[provider.account.address]], as(keeper)))
  await life()
}

const request = connection.provider.request.bind(connection.provider)
const where: Record<string, GasBreakdown> = {}
for (const [name, hash] of Object.entries(await lifeOf())) where[name] = await breakdown(request, hash)

/** A signed life: claim, submit, settle. */
async function signedLife() {
  const t = await terms()
  // Consecutive nonces share a word of the requester's spent ones.
  const limits = (t.limits & (2n ** 192n - 1n)) | ((2n ** 48n + nonce) << 192n)
  const fixed = { ...t, limits, rules: (t.rules & ~(0xffff_ffff_ffn << 80n)) | (10_000n << 80n) }
  const signature = await requester!.signTypedData({
    domain: { name: 'Assay', version: '1', chainId: 31337, verifyingContract: market.address },
    types: { JobRequest: AGREEMENT },
    primaryType: 'JobRequest',
    message: { requester: requester!.account.address, provider: provider!.account.address, ...fixed },
  })
  const jobId = await market.read.jobIdOf([requester!.account.address, fixed])
  const hash = await market.write.claimSigned(
    [requester!.account.address, false, fixed, signature],
    as(provider!),
  )
  const claimSigned = await gasOf(Promise.resolve(hash))
  const submit = await gasOf(market.write.submit(result(jobId), as(provider!)))
  await networkHelpers.time.increase(3_601)
  const settle = await gasOf(market.write.settle([jobId], as(keeper!)))
  return { claimSigned, submit, settle }
}
await signedLife()
const signedParts = await signedLife()
functions.claimSigned = signedParts.claimSigned
const signed = sum(signedParts)

/** An attested life: the provider hands in the signature and settles inside the window. */
async function attestedLife() {
  const t = await terms()
  const attesters = [owner!.account.address]
  const assurance = await attestation.read.attestersHash([attesters])
  const attested = { ...t, rules: t.rules | (1n << 220n), assurance }
  const jobId = await market.read.jobIdOf([requester!.account.address, attested])
  const post = await gasOf(market.write.post([attested], as(requester!)))
  await networkHelpers.time.increase(300)
  const claim = await gasOf(market.write.claim([jobId], as(provider!)))
  const submit = await gasOf(market.write.submit(result(jobId), as(provider!)))
  const { resultCommitment } = await market.read.getJob([jobId])
  const signature = await owner!.signTypedData({
    domain: {
      name: 'Assay Attestation',
      version: '1',
      chainId: 31337,
      verifyingContract: attestation.address,
    },
    types: {
      Attestation: [
        { name: 'market', type: 'address' },
        { name: 'jobId', type: 'bytes32' },
        { name: 'resultCommitment', type: 'bytes32' },
      ],
    },
    primaryType: 'Attestation',
    message: { market: market.address, jobId, resultCommitment },
  })
  const args = [market.address, requester!.account.address, attested, attesters, 0n, signature] as const
  const attest = await gasOf(attestation.write.attest(args, as(provider!)))
  const settle = await gasOf(market.write.settle([jobId], as(provider!)))
  return { post, claim, submit, attest, settle }
}
await attestedLife()
const attestedParts = await attestedLife()
functions.attest = attestedParts.attest

/** A group of three seats that agree, without an escalation: all that its requester and providers send. */
async function replicatedLife() {
  const t = await terms()
  const seatsOf = (index: bigint) => {
    const assurance = index | (3n << 8n) | (1_000n << 32n) | (600n << 48n) | (600n << 72n) | (600n << 96n)
    return { ...t, rules: t.rules | (2n << 220n), assurance: toHex(assurance, { size: 32 }) }
  }
  const seats = [seatsOf(0n), seatsOf(1n), seatsOf(2n)]
  const workers = [provider!, rivals[0]!, rivals[1]!]
  const jobIds = await Promise.all(
    seats.map((seat) => market.read.jobIdOf([requester!.account.address, seat])),
  )
  const post = await gasOf(market.write.postMany([seats], as(requester!)))
  const { groupId } = await replication.read.seatOf([market.address, jobIds[0]!])
  await networkHelpers.time.increase(300)
  const root = keccak256(toHex('root'))
  const salt = keccak256(toHex('salt'))
  let [claim, commit, reveal] = [0, 0, 0]
  for (const [i, worker] of workers.entries())
    claim += await gasOf(market.write.claim([jobIds[i]!], as(worker)))
  for (const [i, worker] of workers.entries()) {
    const args = [market.address, jobIds[i]!, worker.account.address, root, 64n, salt] as const
    const commitment = await replication.read.commitmentOf(args)
    commit += await gasOf(replication.write.commit([market.address, jobIds[i]!, commitment], as(worker)))
  }
  for (const [i, worker] of workers.entries())
    reveal += await gasOf(replication.write.reveal([market.address, jobIds[i]!, root, 64n, salt], as(worker)))
  const resolve = await gasOf(replication.write.resolve([groupId], as(keeper!)))
  return { post, claim, commit, reveal, resolve }
}
await replicatedLife()
const replicatedParts = await replicatedLife()
Object.assign(functions, {
  'replicated3.post': replicatedParts.post,
  'replicated3.claim': replicatedParts.claim,
  'replicated3.commit': replicatedParts.commit,
  'replicated3.reveal': replicatedParts.reveal,
  'replicated3.resolve': replicatedParts.resolve,
})

const thousand = await life(1_000n)
const perTask1000 = (thousand.post + thousand.claim + thousand.submit + thousand.settle) / 1_000

const batch: Hex[] = []
for (let i = 0; i < 100; i++) batch.push(await submitted())
await networkHelpers.time.increase(3_601)
const settleMany = Math.round((await gasOf(market.write.settleMany([batch], as(keeper)))) / batch.length)

const measured = {
  compiler: 'solc 0.8.37, viaIR, cancun; hardfork prague',
  life: { optimistic, signed, attested: sum(attestedParts), replicated3: sum(replicatedParts) },
  lifeParts: where,
  perTask: { '1000': Math.round(perTask1000 * 10) / 10 },
  settleMany: { '100': settleMany },
  functions,
}
await connection.close()

const text = `${JSON.stringify(measured, null, 2)}\n`
if (process.argv.includes('--check')) {
  const committed = readFileSync(FILE, 'utf8')
  if (committed !== text) {
    for (const line of drift(committed, measured)) console.log(line)
    console.error(
      'bench/gas.json differs from this measurement: run `npm run bench:gas` and commit the change.',
    )
    process.exitCode = 1
  }
} else {
  console.log(text)
  writeFileSync(FILE, text)
}

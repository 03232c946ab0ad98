/**
 * Gas of every function and of whole job lives, written to `bench/gas.json`.
 *
 * Steady state: every touched word is already non-zero, fee and reputation are non-zero, no word is cleared for its
 * refund. The data URI is a realistic one, the price is taken half-way up the auction. The chain's clock starts at a fixed
 * date, so that ids and hashes, whose zero bytes are cheaper, are the same in every run.
 *
 *   npm run bench:gas            measure and write
 *   npm run bench:gas -- --check measure and fail when the file differs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import hre from 'hardhat'
import { type Hex, keccak256, parseSignature, toHex, zeroAddress, zeroHash } from 'viem'
import { breakdown, type GasBreakdown } from './breakdown.ts'

const FILE = new URL('./gas.json', import.meta.url)
const TOKENS = 1_000_000n
const START = new Date('2026-01-01T00:00:00Z')
const CLAIM_BY = BigInt(START.getTime()) / 1_000n + 20n * 86_400n
const DATA_URI = 'https://store.example.org:4400'

const connection = await hre.network.create({ override: { initialDate: START } })
const { viem, networkHelpers } = connection
const [owner, requester, provider, keeper] = await viem.getWalletClients()
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
  const late = await claimed()
  await networkHelpers.time.increase(3_601)
  await market.write.fail([late], as(keeper))
}

functions.deposit = await gasOf(market.write.deposit([TOKENS], as(requester)))
functions.withdraw = await gasOf(market.write.withdraw([requester.account.address, TOKENS], as(requester)))
functions.stake = await gasOf(market.write.stake([TOKENS], as(provider)))
functions.unstake = await gasOf(market.write.unstake([TOKENS], as(provider)))
functions.updateProvider = await gasOf(
  market.write.updateProvider([0x00_4_020_08, 1_001, endpoint, keccak256(toHex('key 2'))], as(provider)),
)
{
  const deadline = 2n ** 255n
  const signature = await requester.signTypedData({
    domain: { name: 'Assay Token', version: '1', chainId: 31337, verifyingContract: token.address },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
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
    types: {
      JobRequest: [
        { name: 'requester', type: 'address' },
        { name: 'provider', type: 'address' },
        { name: 'programId', type: 'bytes32' },
        { name: 'inputsRoot', type: 'bytes32' },
        { name: 'sharedInput', type: 'bytes32' },
        { name: 'rules', type: 'uint256' },
        { name: 'limits', type: 'uint256' },
        { name: 'assurance', type: 'bytes32' },
        { name: 'dataUri', type: 'string' },
      ],
    },
    primaryType: 'JobRequest',
    message: { requester: requester!.account.address, provider: provider!.account.address, ...fixed },
  })
  const jobId = await market.read.jobIdOf([requester!.account.address, fixed])
  const hash = await market.write.claimSigned([requester!.account.address, false, fixed, signature], as(provider!))
  const claimSigned = await gasOf(Promise.resolve(hash))
  console.error(await breakdown(request, hash))
  const submit = await gasOf(market.write.submit(result(jobId), as(provider!)))
  await networkHelpers.time.increase(3_601)
  const settle = await gasOf(market.write.settle([jobId], as(keeper!)))
  return { claimSigned, submit, settle }
}
await signedLife()
const signedParts = await signedLife()
functions.claimSigned = signedParts.claimSigned
console.error(signedParts)
const signed = signedParts.claimSigned + signedParts.submit + signedParts.settle

const thousand = await life(1_000n)
const perTask1000 = (thousand.post + thousand.claim + thousand.submit + thousand.settle) / 1_000

const batch: Hex[] = []
for (let i = 0; i < 100; i++) batch.push(await submitted())
await networkHelpers.time.increase(3_601)
const settleMany = Math.round((await gasOf(market.write.settleMany([batch], as(keeper)))) / batch.length)

const measured = {
  compiler: 'solc 0.8.37, viaIR, cancun; hardfork prague',
  life: { optimistic, signed },
  lifeParts: where,
  perTask: { '1000': Math.round(perTask1000 * 10) / 10 },
  settleMany: { '100': settleMany },
  functions,
}
await connection.close()

const text = `${JSON.stringify(measured, null, 2)}\n`
console.log(text)
if (process.argv.includes('--check')) {
  const committed = readFileSync(FILE, 'utf8')
  if (committed !== text) {
    console.error(
      'bench/gas.json differs from this measurement: run `npm run bench:gas` and commit the change.',
    )
    process.exitCode = 1
  }
} else {
  writeFileSync(FILE, text)
}

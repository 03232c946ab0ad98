import { expect } from 'chai'
import {
  concat,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  numberToBytes,
  parseAbi,
  toHex,
  zeroHash,
} from 'viem'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import type { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import type { OneStepHarness } from '../../types/ethers-contracts/index.ts'
import { ethers } from '../helpers/chain.ts'

/** OneStepVM with the floats it needs. */
export async function deployOneStep() {
  const float = await ethers.deployContract('OneStepFloat')
  const vm = await ethers.deployContract('OneStepVM', [float])
  return { vm, float }
}

export type OneStep = Awaited<ReturnType<typeof deployOneStep>>['vm']

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** Asserts that the contract comes from a machine's state to its next one, which the machine then is in. */
export async function expectSameStep(vm: OneStep, machine: ReferenceMachine, told: () => string) {
  const state = machine.stateHash()
  const bytes = witness(machine)
  machine.step()
  let next: string
  try {
    next = await vm.step(state, bytes)
  } catch (error) {
    expect.fail(`${told()}: reverts: ${(error as Error).message}, witness ${hex(bytes)}`)
  }
  if (next !== machine.stateHash()) expect.fail(`${told()}: another state, witness ${hex(bytes)}`)
}

/** Steps of {@link expectSameSteps} in one call. */
const BATCH = 100
/** By viem, which packs large arguments several times as fast as ethers. */
const abi = parseAbi([
  'function stepMany(address vm, uint256 count, bytes cases) view returns (bytes32[] next)',
])

/** {@link expectSameStep} of each of many machines, a hundred of them in a call. */
export async function expectSameSteps(
  harness: OneStepHarness,
  vm: OneStep,
  machines: Iterable<ReferenceMachine>,
  told: (index: number) => string,
) {
  let first = 0
  let batch: { machine: ReferenceMachine; state: Hex; bytes: Uint8Array }[] = []
  const compare = async () => {
    const cases = batch.flatMap(({ state, bytes }) => [
      hexToBytes(state),
      numberToBytes(bytes.length, { size: 4 }),
      bytes,
    ])
    const args = [vm.target as Hex, BigInt(batch.length), toHex(concat(cases))] as const
    const data = encodeFunctionData({ abi, args })
    const answer = await ethers.provider.call({ to: harness, data })
    const next = decodeFunctionResult({ abi, data: answer as Hex })
    for (const [index, { machine, bytes }] of batch.entries()) {
      if (next[index] === machine.stateHash()) continue
      const found = next[index] === zeroHash ? 'reverts' : 'another state'
      expect.fail(`${told(first + index)}: ${found}, witness ${hex(bytes)}`)
    }
    first += batch.length
    batch = []
  }
  for (const machine of machines) {
    batch.push({ machine, state: machine.stateHash(), bytes: witness(machine) })
    machine.step()
    if (batch.length === BATCH) await compare()
  }
  if (batch.length > 0) await compare()
}

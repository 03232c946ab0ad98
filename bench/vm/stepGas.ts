import hre from 'hardhat'
import { encodeFunctionData, toHex } from 'viem'
import { opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/witness.ts'
import { largest, machineAt, type Scale, usual } from './states.ts'

/** Gas of whole transactions that prove one step: 21,000, calldata with its floor, execution. */
export type StepGas = {
  /** The most expensive step there is. */
  worst: number
  /** The mean of the usual steps of all instructions. */
  typical: number
  byInstruction: Record<string, { worst: number; typical: number }>
}

/** Measures a step of every instruction, in the largest states and in usual ones. */
export async function measureStepGas(): Promise<StepGas> {
  const { viem } = await hre.network.create()
  const client = await viem.getPublicClient()
  const [wallet] = await viem.getWalletClients()
  const float = await viem.deployContract('OneStepFloat')
  const vm = await viem.deployContract('OneStepVM', [float.address])

  async function gasOf(opcode: (typeof opcodes)[number], scale: Scale): Promise<number> {
    const machine = machineAt(opcode, scale)
    const args = [machine.stateHash(), toHex(witness(machine))] as const
    const data = encodeFunctionData({ abi: vm.abi, functionName: 'step', args })
    const hash = await wallet!.sendTransaction({ to: vm.address, data, gas: 16_000_000n })
    const receipt = await client.waitForTransactionReceipt({ hash })
    machine.step()
    const next = await vm.read.step(args)
    if (receipt.status !== 'success' || next !== machine.stateHash())
      throw new Error(`${opcode.name} does not step`)
    return Number(receipt.gasUsed)
  }

  const byInstruction: StepGas['byInstruction'] = {}
  for (const opcode of opcodes)
    byInstruction[opcode.name] = { worst: await gasOf(opcode, largest), typical: await gasOf(opcode, usual) }
  const all = Object.values(byInstruction)
  return {
    worst: Math.max(...all.map(({ worst }) => worst)),
    typical: Math.round(all.reduce((sum, { typical }) => sum + typical, 0) / all.length),
    byInstruction,
  }
}

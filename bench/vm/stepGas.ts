import hre from 'hardhat'
import { encodeFunctionData, toHex } from 'viem'
import { type Opcode, opcodes } from '../../sdk/src/vm/isa.ts'
import { witness } from '../../sdk/src/vm/proof/witness.ts'
import { largest, machineAt, type Scale, usual } from './states.ts'

/** Gas of whole transactions that prove one step: 21,000, calldata with its floor, execution. */
export type StepGas = {
  compiler: string
  /** The most expensive step there is. */
  worst: number
  /** The mean of the usual steps of all instructions, and the most expensive one of them. */
  typical: number
  greatestTypical: number
  /** Bytes of the longest witness. */
  longestWitness: number
  byInstruction: Record<string, { worst: number; typical: number }>
}

/** Measures a step of every instruction, in the largest states and in usual ones. */
export async function measureStepGas(): Promise<StepGas> {
  const { viem, close } = await hre.network.create()
  const client = await viem.getPublicClient()
  const [wallet] = await viem.getWalletClients()
  const float = await viem.deployContract('OneStepFloat')
  const vm = await viem.deployContract('OneStepVM', [float.address])
  let longestWitness = 0

  async function gasOf(opcode: Opcode, scale: Scale): Promise<number> {
    const machine = machineAt(opcode, scale)
    const bytes = witness(machine)
    longestWitness = Math.max(longestWitness, bytes.length)
    const args = [machine.stateHash(), toHex(bytes)] as const
    const data = encodeFunctionData({ abi: vm.abi, functionName: 'step', args })
    const hash = await wallet!.sendTransaction({ to: vm.address, data, gas: 16_000_000n })
    const { status, gasUsed } = await client.waitForTransactionReceipt({ hash })
    machine.step()
    if (status !== 'success' || (await vm.read.step(args)) !== machine.stateHash())
      throw new TypeError(`${opcode.name} does not step.`)
    return Number(gasUsed)
  }

  const byInstruction: StepGas['byInstruction'] = {}
  for (const opcode of opcodes)
    byInstruction[opcode.name] = {
      worst: await gasOf(opcode, largest),
      typical: await gasOf(opcode, usual),
    }
  await close()

  const all = Object.values(byInstruction)
  const typical = all.map((gas) => gas.typical)
  return {
    compiler: 'solc 0.8.37, viaIR, cancun; hardfork prague',
    worst: Math.max(...all.map(({ worst }) => worst)),
    typical: Math.round(typical.reduce((sum, gas) => sum + gas, 0) / typical.length),
    greatestTypical: Math.max(...typical),
    longestWitness,
    byInstruction,
  }
}

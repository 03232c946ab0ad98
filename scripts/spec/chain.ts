import hre from 'hardhat'
import { encodeFunctionData, type Hex, parseAbi } from 'viem'
import { toHex } from '../../sdk/src/trees/bytes.ts'
import type { Step } from './onchain.ts'

const abi = parseAbi(['function step(bytes32 state, bytes witness) view returns (bytes32)'])

/** OneStepVM on a chain in this process, and its code with that of the contract for floats. */
export async function deployOneStep(): Promise<{ step: Step; codes: Hex[] }> {
  const { ethers, provider } = await hre.network.create()
  const float = await ethers.deployContract('OneStepFloat')
  const vm = await ethers.deployContract('OneStepVM', [float])
  const to = await vm.getAddress()
  const codeOf = async (address: string) => (await ethers.provider.getCode(address)) as Hex
  return {
    step: async (state, witness) => {
      const data = encodeFunctionData({ abi, args: [state, toHex(witness)] })
      return (await provider.request({ method: 'eth_call', params: [{ to, data }, 'latest'] })) as Hex
    },
    codes: [await codeOf(to), await codeOf(await float.getAddress())],
  }
}

import { readFileSync } from 'node:fs'
import type { Abi, Address, Hex } from 'viem'

type Artifact = {
  abi: Abi
  bytecode: Hex
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>
}

/** Where the compiler's output of each contract that tests deploy is. */
export const contracts = {
  token: 'contracts/token/AssayToken.sol/AssayToken',
  oddToken: 'contracts/mocks/OddTokenMock.sol/OddTokenMock',
  market: 'contracts/JobMarket.sol/JobMarket',
  parameterStore: 'contracts/libraries/ParameterStore.sol/ParameterStore',
  oneStepFloat: 'contracts/verification/OneStepFloat.sol/OneStepFloat',
  oneStepVm: 'contracts/verification/OneStepVM.sol/OneStepVM',
  disputeGame: 'contracts/verification/DisputeGame.sol/DisputeGame',
  attestation: 'contracts/verification/Attestation.sol/Attestation',
  replication: 'contracts/verification/Replication.sol/Replication',
  wallet: 'contracts/mocks/WalletMock.sol/WalletMock',
  timelock: '@openzeppelin/contracts/governance/TimelockController.sol/TimelockController',
} as const

export type ContractName = keyof typeof contracts

/** A contract of the compiler's output, its libraries put in by their names. */
export function readContract(
  name: ContractName,
  libraries: Record<string, Address> = {},
): { abi: Abi; bytecode: Hex } {
  const url = new URL(`../../../artifacts/${contracts[name]}.json`, import.meta.url)
  const { abi, bytecode, linkReferences }: Artifact = JSON.parse(readFileSync(url, 'utf8'))
  let linked: string = bytecode
  for (const [library, places] of Object.values(linkReferences).flatMap(Object.entries) as [
    string,
    { start: number; length: number }[],
  ][])
    for (const { start, length } of places) {
      const at = 2 + 2 * start
      const address = libraries[library]
      if (address === undefined) throw new TypeError(`${name} needs the library ${library}`)
      linked = `${linked.slice(0, at)}${address.slice(2)}${linked.slice(at + 2 * length)}`
    }
  return { abi, bytecode: linked as Hex }
}

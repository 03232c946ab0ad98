import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from 'viem'
import { readContract } from 'viem/actions'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'

/** Calls a view function of any contract; what fails arrives as an error of this package. */
export async function readCall<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'pure' | 'view'>,
  const args extends ContractFunctionArgs<abi, 'pure' | 'view', name>,
>(
  client: ClientWithMarket,
  { abi, address }: { abi: abi; address: Address },
  functionName: name,
  args: args,
): Promise<ContractFunctionReturnType<abi, 'pure' | 'view', name, args>> {
  try {
    return (await readContract(client, { abi, address, functionName, args } as never)) as never
  } catch (error) {
    throw decodeContractError(error, { functionName, address })
  }
}

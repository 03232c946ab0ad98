import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import { type Abi, encodeFunctionData, type Hex } from 'viem'
import { coveragePlugin, MEASURED_FILE } from '../../../scripts/coverage/plugin.ts'
import type { Measured } from '../../../scripts/coverage/points.ts'
import { createCheckout } from '../checkout.ts'

/** Calls of a contract that is measured. */
export type Sample = {
  /** Sends a transaction; false when it reverts. */
  call(functionName: string, ...args: unknown[]): Promise<boolean>
}

/**
 * Compiles Solidity source with the probes of coverage, deploys its contract `Sample`, and returns what `use` reached.
 */
export async function measure(source: string, use: (sample: Sample) => Promise<unknown>): Promise<Measured> {
  const checkout = createCheckout({ 'package.json': '{ "type": "module" }', 'contracts/Sample.sol': source })
  try {
    const config = {
      plugins: [coveragePlugin(checkout.root)],
      solidity: { version: '0.8.37', path: createRequire(import.meta.url).resolve('solc/soljson.js') },
    }
    const hre = await createHardhatRuntimeEnvironment(config, {}, checkout.root)
    await hre.tasks.getTask('build').run({ quiet: true })
    const { abi, bytecode } = await hre.artifacts.readArtifact('Sample')
    const { provider, close } = await hre.network.create()
    const [from] = (await provider.request({ method: 'eth_accounts' })) as Hex[]
    const send = async (to: Hex | undefined, data: string) => {
      const gas = '0x1000000'
      const hash = await provider.request({
        method: 'eth_sendTransaction',
        params: [{ from, to, data, gas }],
      })
      const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })
      return receipt as { contractAddress: Hex; status: Hex }
    }
    const { contractAddress } = await send(undefined, bytecode)
    await use({
      call: (functionName, ...args) =>
        send(contractAddress, encodeFunctionData({ abi: abi as Abi, functionName, args })).then(
          () => true,
          () => false,
        ),
    })
    await close()
    await hre.hooks.runHandlerChain('test', 'onTestRunDone', ['mocha'], async () => {})
    return JSON.parse(readFileSync(join(checkout.root, MEASURED_FILE), 'utf8')) as Measured
  } finally {
    checkout.remove('.')
  }
}

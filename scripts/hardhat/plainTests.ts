import type { HardhatPlugin } from 'hardhat/types/plugins'
import { listFiles } from '../bootstrap/files.mjs'

/**
 * Tests written in Solidity are compiled as they stand, without IR and optimizer: in a tenth of the time, and nobody
 * pays for their gas. The contracts that they test are those of the other files, deployed from their artifacts.
 *
 * Hardhat has `overrides` for it, but compiles each file alone that has one: here all have the same.
 */
export const plainTests: HardhatPlugin = {
  id: 'assay-plain-tests',
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        async resolveUserConfig(userConfig, resolveVariable, next) {
          const config = await next(userConfig, resolveVariable)
          for (const profile of Object.values(config.solidity.profiles)) {
            const compiler = profile.compilers[0]
            if (compiler === undefined) continue
            const { evmVersion, outputSelection } = compiler.settings
            const plain = { ...compiler, settings: { evmVersion, outputSelection } }
            for (const file of listFiles(config.paths.root, ['test/**/*.sol']))
              profile.overrides[file] = plain
          }
          return config
        },
      }),
    }),
  },
}

import type { HardhatPlugin } from 'hardhat/types/plugins'
import type { CompilerOutput, CompilerOutputError } from 'hardhat/types/solidity'

/** A compiler message as solc writes it; Hardhat's type leaves the place out. */
type LocatedError = CompilerOutputError & { sourceLocation?: { file: string } }

/** Contract and init code above what a chain accepts: no harm in contracts that only tests deploy. */
const SIZE_CODES = ['5574', '3860']
const TEST_SOURCE = /\.t\.sol$|\/mocks\/|^project\/test\//

function isOurs({ errorCode = '', sourceLocation }: LocatedError): boolean {
  const file = sourceLocation?.file ?? 'project/'
  if (!file.startsWith('project/')) return false
  return !(SIZE_CODES.includes(errorCode) && TEST_SOURCE.test(file))
}

/** Makes solc's warnings about the project's own sources errors; those about its dependencies stay warnings. */
function promote(output: CompilerOutput): CompilerOutput {
  const errors = output.errors?.map((error) =>
    error.severity === 'warning' && isOurs(error)
      ? { ...error, type: 'Error', severity: 'error' as const }
      : error,
  )
  return errors ? { ...output, errors } : output
}

/**
 * Compiler warnings are errors. Hardhat 3 has no setting for it, and shows a warning only on the run that compiles the
 * file: turning it into an error in the compiler's answer keeps the file uncached, so that it fails until it is fixed.
 * Builds for coverage are left alone: instrumentation causes warnings of its own.
 */
export const strictWarnings: HardhatPlugin = {
  id: 'assay-strict-warnings',
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        async invokeSolc(context, compiler, input, config, next) {
          const output = await next(context, compiler, input, config)
          return context.globalOptions.coverage ? output : promote(output)
        },
      }),
    }),
  },
}

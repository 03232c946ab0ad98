import { join } from 'node:path'
import { generateMutants, type PlacedMutant } from '../../../scripts/mutation/mutants.ts'
import { Project } from '../../../scripts/mutation/project.ts'
import { createCheckout } from '../checkout.ts'

/** The contracts of these files, read as those of a checkout. */
export function readProject(files: Record<string, string>): Project {
  const checkout = createCheckout(
    Object.fromEntries(
      Object.entries(files).map(([file, code]) => [
        file,
        `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n${code}`,
      ]),
    ),
  )
  try {
    return Project.read(checkout.root)
  } finally {
    checkout.remove('.')
  }
}

/** The mutants of one file, `contracts/A.sol`. */
export function mutantsOf(code: string): PlacedMutant[] {
  const file = 'contracts/A.sol'
  return generateMutants(readProject({ [file]: code }), [file])
}

/** A function `f` of `uint256 a`, `uint256 b`, `address to` and a state variable `uint256 s`, with this body. */
export function functionOf(body: string): string {
  return `contract A {
    uint256 s;
    event E(uint256 x, uint256 y, address who);
    error Bad(uint256 x);
    function f(uint256 a, uint256 b, address to) external returns (uint256 r) {
      ${body}
    }
  }`
}

/** Of this checkout. */
export const root = join(import.meta.dirname, '..', '..', '..')

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  Attestation__factory,
  DisputeGame__factory,
  Replication__factory,
} from '../../types/ethers-contracts/index.ts'

const HERE = new URL('./', import.meta.url)

/**
 * EIP-712's own, for a name or a version that is longer than a word or changes: a hook's does neither. Multicall's, for a
 * contract without code that calls itself.
 */
const UNREACHABLE = ['InvalidShortString', 'StringTooLong', 'EIP712DomainChanged', 'AddressEmptyCode']

const HOOKS = {
  Attestation: Attestation__factory.abi,
  DisputeGame: DisputeGame__factory.abi,
  Replication: Replication__factory.abi,
}

for (const [hook, abi] of Object.entries(HOOKS)) {
  describe(`The tests of ${hook}`, () => {
    const folder = new URL(`${hook}/`, HERE)
    const text = readdirSync(folder)
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
      .join('\n')
    const named = (type: string) =>
      abi
        .filter((item) => item.type === type)
        .map((item) => ('name' in item ? item.name : ''))
        .filter((name) => !UNREACHABLE.includes(name))

    for (const error of named('error').filter((each) => each !== 'ValueOutOfRange')) {
      // JM-55
      it(`assert the error ${error} with its values`, () => {
        const direct = new RegExp(`revertedWithCustomError\\([^;]*'${error}'\\)\\s*\\.withArgs\\(`)
        const shared = new RegExp(`refuses\\([^;]*'${error}'`)
        expect(direct.test(text) || shared.test(text)).to.equal(true)
      })
    }

    for (const event of named('event')) {
      it(`assert the event ${event} with its arguments`, () => {
        expect(new RegExp(`emit\\([^;]*'${event}'\\)\\s*\\.withArgs\\(`).test(text)).to.equal(true)
      })
    }

    for (const name of named('function')) {
      it(`call ${name}`, () => {
        expect(new RegExp(`\\b${name}\\b`).test(text)).to.equal(true)
      })
    }
  })
}

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as layout from '../src/audit/layout.ts'
import {
  commitmentWord,
  fixedWords,
  jobWords,
  levelWord,
  limitsWord,
  mappings,
  parametersWords,
  rulesWord,
} from '../src/audit/layout.ts'
import type { WordSchema } from '../src/audit/words.ts'

type Variable = { label: string; slot: string; offset: number; type: string }
type StorageLayout = {
  storage: Variable[]
  types: Record<string, { label: string; numberOfBytes: string; members?: Variable[]; value?: string }>
}

const artifacts = new URL('../../artifacts/', import.meta.url)
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, artifacts), 'utf8'))

function compilersLayout(): StorageLayout {
  const { buildInfoId, inputSourceName } = readJson('contracts/JobMarket.sol/JobMarket.json')
  return readJson(`build-info/${buildInfoId}.output.json`).output.contracts[inputSourceName].JobMarket
    .storageLayout
}

/** Each field as `slot:bit name bits`; gaps are left out. */
function flatten(words: Iterable<readonly [slot: number, schema: WordSchema]>): string[] {
  const fields: string[] = []
  for (const [slot, schema] of words) {
    let bit = 0
    for (const [name, bits] of Object.entries(schema)) {
      if (name !== 'unused') fields.push(`${slot}:${bit} ${name} ${bits}`)
      bit += bits
    }
  }
  return fields.sort()
}

describe('audit: storage map', () => {
  const { storage, types } = compilersLayout()
  const describeMembers = (members: Variable[], firstSlot = 0): string[] =>
    members.flatMap(({ label, slot, offset, type }) => {
      const { numberOfBytes, members: inner } = types[type]!
      const at = firstSlot + Number(slot)
      if (inner) return describeMembers(inner, at)
      return [`${at}:${offset * 8} ${label.replace(/^_/, '')} ${Number(numberOfBytes) * 8}`]
    })
  const isMapping = ({ type }: Variable) => type.startsWith('t_mapping')
  /** The variables with those of structs that stand in storage themselves. */
  const variables = storage.flatMap((one): Variable[] => {
    const { members } = types[one.type]!
    return members?.map((inner) => ({ ...inner, slot: `${Number(one.slot) + Number(inner.slot)}` })) ?? [one]
  })
  /** What a word of one value packs is said by its library alone. */
  const packed = { posting: fixedWords[3] } as Record<string, WordSchema>
  const membersOf = (label: string): Variable[] => {
    const struct = Object.values(types).find((type) => type.label === label)
    return struct!.members!
  }

  it('has the fixed words where the compiler puts them', () => {
    const words = Object.entries(fixedWords).map(([slot, schema]) => [Number(slot), schema] as const)

    const expected = describeMembers(variables.filter((one) => !isMapping(one))).flatMap((text) => {
      const [place = '', label = ''] = text.split(' ')
      const schema = packed[label]
      return schema === undefined ? [text] : flatten([[Number(place.split(':')[0]), schema]])
    })
    expect(flatten(words)).to.deep.equal(expected.sort())
  })

  it('has every mapping at its slot', () => {
    const slots = variables
      .filter(isMapping)
      .map(({ label, slot }) => [label.replace(/^_/, ''), BigInt(slot)])

    expect(Object.fromEntries(slots)).to.deep.equal(mappings)
  })

  it('has the words of a parameter set', () => {
    expect(flatten(parametersWords.entries())).to.deep.equal(
      describeMembers(membersOf('struct Parameters')).sort(),
    )
  })

  it('has the word of a level', () => {
    expect(flatten([[0, levelWord]])).to.deep.equal(describeMembers(membersOf('struct Level')).sort())
  })

  it('has the five words of a job', () => {
    const members = membersOf('struct Job').map(({ label, slot }) => `${slot} ${label}`)

    expect(members).to.deep.equal(['0 origin', '1 rules', '2 claim', '3 resultCommitment', '4 meter'])
    expect(jobWords).to.have.lengthOf(members.length)
    expect(jobWords[3]).to.equal(commitmentWord)
  })

  it('has the three parts of a contact', () => {
    const members = membersOf('struct Providers.Contact').map(
      ({ label, slot, type }) => `${slot} ${label} ${type}`,
    )

    expect(members).to.deep.equal([
      '0 encryptionKey t_bytes32',
      '1 endpoint t_string_storage',
      '2 registeredAt t_uint64',
    ])
  })

  it('covers all 256 bits of each word', () => {
    const schemas = Object.entries(layout).filter(([name]) => name.endsWith('Word')) as [string, WordSchema][]
    const all = [...schemas.map(([, schema]) => schema), ...Object.values(fixedWords), ...parametersWords]

    expect(schemas.map(([name]) => name)).to.include.members(['rulesWord', 'limitsWord', 'claimWord'])
    expect([rulesWord, limitsWord].every((schema) => all.includes(schema))).to.equal(true)
    for (const schema of all)
      expect(Object.values<number>(schema).reduce((sum, bits) => sum + bits)).to.equal(256)
  })
})

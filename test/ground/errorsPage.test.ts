import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as assay from 'assay'
import {
  AssayError,
  assayTokenAbi,
  attestationAbi,
  decodeErrorData,
  disputeGameAbi,
  errorSlug,
  jobMarketAbi,
  replicationAbi,
  timelockAbi,
} from 'assay'
import { expect } from 'chai'
import { type Abi, encodeErrorResult, toFunctionSelector } from 'viem'
import { listFiles } from '../../scripts/bootstrap/files.mjs'
import { readErrors } from '../../scripts/errors/readErrors.ts'
import { renderErrors } from '../../scripts/errors/render.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}/docs/errors.md`, 'utf8')

/** The part of the page about a class, undefined where there is none. */
const sectionOf = (name: string) => {
  const start = page.indexOf(`### <a id="${errorSlug(name)}"></a>${name}\n`)
  return start < 0 ? undefined : page.slice(start, page.indexOf('\n#', start + 1))
}

/** Text of the page as a pattern: `…` stands for anything. */
const pattern = (text: string) =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`)

describe('docs/errors.md', () => {
  it('has every error class of both packages, under the anchor that its message names', () => {
    const declared = listFiles(root, ['sdk/src/**/*.ts', 'runner/src/**/*.ts']).flatMap((file) =>
      [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/\bclass (\w+Error)\b/g)].map(([, name]) => name),
    )
    const exported = Object.entries(assay)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof AssayError)
      .map(([name]) => name)
    expect(declared.length).to.be.greaterThan(100)
    expect(declared).to.include.members(exported)
    for (const name of declared) expect(sectionOf(name as string), name).to.be.a('string')
  })

  it('has no anchor twice', () => {
    const anchors = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, anchor]) => anchor)
    expect(new Set(anchors).size).to.equal(anchors.length)
  })

  const samples: Record<string, unknown> = {
    address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    bytes31: `0x${'5f'.repeat(30)}00`,
    bytes32: `0x${'5f'.repeat(31)}00`,
    string: 'text',
    uint256: 7n,
    uint32: 0x00_1_008_04,
    uint8: 4,
  }
  const hooks = [...attestationAbi, ...disputeGameAbi, ...replicationAbi]
  const abi: Abi = [...jobMarketAbi, ...assayTokenAbi, ...hooks, ...timelockAbi]
  // several contracts have some in common
  const abiErrors = new Map(abi.flatMap((item) => (item.type === 'error' ? [[item.name, item]] : [])))

  it('has the selector of every error of the contracts once, and no others', () => {
    const selectors = [...abiErrors.values()].map(({ name, inputs }) =>
      toFunctionSelector(`${name}(${inputs.map(({ type }) => type)})`),
    )
    const shown = [...page.matchAll(/selector `(0x[0-9a-f]{8})`/g)].map(([, selector]) => selector)
    expect(shown).to.have.members(selectors)
  })

  for (const item of abiErrors.values()) {
    it(`tells what ${item.name} says when it is thrown`, () => {
      const args = item.inputs.map(({ type }) => samples[type])
      const data = encodeErrorResult({ abi, errorName: item.name, args })
      const error = decodeErrorData(data, { functionName: 'someFunction' })
      const section = sectionOf(`${item.name}Error`) ?? ''
      const lines = section.split('\n').map((line) => line.replace(/^ *- (?:Do: )?/, ''))

      const says = [...section.matchAll(/^- Says: \*(.*)\*$/gm)].map(([, text]) => pattern(text as string))
      expect(says.some((text) => text.test(error?.shortMessage ?? ''))).to.equal(true, error?.shortMessage)
      const facts = /^- Facts: (.*)$/m.exec(section)?.[1]?.split(', ') ?? []
      const labels = error?.metaMessages?.slice(0, -2).map((line) => /^([^:]*):/.exec(line)?.[1])
      expect(labels).to.deep.equal(facts)
      const remedy = error?.metaMessages?.at(-1) ?? ''
      const known = lines.some((line) => line.includes('#next-steps') || pattern(line).test(remedy))
      expect(known).to.equal(true, remedy)
      expect(section.includes('\n- Retryable')).to.equal(error?.retryable)
      expect(section).to.include(`selector \`${data.slice(0, 10)}\``)
    })
  }
})

describe('the reader of error classes', () => {
  const read = (source: string) => readErrors(source, 'sdk/src/errors/client.ts')

  it('finds what a message can say, and what it can end with', () => {
    const [error] = read(`
const remedies: Record<number, string> = {
  1: 'Do one thing.',
  2: "Do the other, isn't it?",
}

/**
 * What it means,
 * in two lines.
 *
 * What does not matter here.
 */
export class SomeError extends ParentError {
  override readonly retryable = true
  readonly url: string

  constructor({ url, code, got }: { url: string; code: number; got?: number }) {
    super(got === 'none?' ? 'Nothing (came).' : \`Only \${got ?? \`\${0}\`} of 3 came.\`, {
      name: 'SomeError',
      facts: { URL: url, 'Got it': got },
      remedy: remedies[code] ?? 'Do nothing.',
    })
    this.url = url
  }
}
`)
    expect(error).to.deep.equal({
      name: 'SomeError',
      parent: 'ParentError',
      file: 'sdk/src/errors/client.ts',
      meaning: 'What it means, in two lines.',
      messages: ['Nothing (came).', 'Only … of 3 came.'],
      facts: ['URL', 'Got it'],
      remedies: ['Do one thing.', "Do the other, isn't it?", 'Do nothing.'],
      stepsByStatus: false,
      fields: ['url: string'],
      retryable: true,
    })
  })

  it('reads facts made of pairs, and leaves out what only the caller knows', () => {
    const [error] = read(`
/** Meaning. */
export class SomeError extends AssayError {
  override readonly retryable: boolean

  constructor({ message, status, ...context }: { message: string; status: number }) {
    super(message, {
      ...context,
      facts: Object.fromEntries(words.map((word, i) => [\`Word \${i}\`, word])),
      remedy: \`Wait. \${nextStep(status)}\`,
    })
  }
}
`)
    expect(error).to.include({ stepsByStatus: true, retryable: undefined })
    expect(error?.messages).to.deep.equal([])
    expect(error?.facts).to.deep.equal(['Word …'])
    expect(error?.remedies).to.deep.equal(['Wait.'])
  })

  it('takes a class on no page, and one without a comment, for a mistake', () => {
    const source = 'export class SomeError extends AssayError {}\n'
    expect(() => renderErrors(read(source))).to.throw('SomeError needs a comment')
    expect(() => renderErrors(readErrors(source, 'sdk/src/new.ts'))).to.throw('SomeError (sdk/src/new.ts)')
  })

  it('passes on what a parent says about trying again', () => {
    const source = `
/** Parent. */
export class ParentError extends AssayError {
  override readonly retryable: boolean = true
}

/** Child. */
export class ChildError extends ParentError {}
`
    expect(renderErrors(read(source)).match(/- Retryable/g)).to.have.length(2)
  })
})

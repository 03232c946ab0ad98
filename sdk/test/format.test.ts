import { expect } from 'chai'
import { StoreResponseError } from '../src/index.ts'
import { formatFacts, printable } from '../src/utils/format.ts'

describe('texts for people', () => {
  it('leave nothing that steers a terminal', () => {
    expect(printable('\u001b[2Jgone\u0007 \u009b31m\u202e')).to.equal('\ufffd[2Jgone\ufffd \ufffd31m\ufffd')
    expect(printable('naïve 漢字 ‘quoted’ …')).to.equal('naïve 漢字 ‘quoted’ …')
  })

  it('keep each fact on its line, the values in one column', () => {
    expect(
      formatFacts({ URL: 'http://x', Missing: undefined, Expected: 7n, Got: 'a\r\nRemedy: b' }),
    ).to.deep.equal(['URL:      http://x', 'Expected: 7', 'Got:      a Remedy: b'])
  })

  it('say what a store answered without passing on its control characters', () => {
    const answer = '\u001b]0;owned\u0007'
    const error = new StoreResponseError({ url: 'http://x', status: 500, expected: 200, answer })
    expect(error.message).to.include('HTTP status 500: \ufffd]0;owned\ufffd')
    expect(error.facts).to.include({ Got: `HTTP status 500: ${answer}` })
  })
})

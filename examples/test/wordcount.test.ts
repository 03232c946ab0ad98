import { expect } from 'chai'
import fc from 'fast-check'
import { OutputFormatError } from '../errors.ts'
import { loadProgram } from '../programs.ts'
import { loadMobyDick } from '../wordcount/text.ts'
import { mergeCounts, rangeInputs, topWords, type WordCounts } from '../wordcount/words.ts'
import { outputsOf, runTask } from './host.ts'

/** Counts the whole text by regular expression. */
function countByRegExp(text: Uint8Array): WordCounts {
  const words = new TextDecoder().decode(text).match(/[A-Za-z]+(?:['’][A-Za-z]+)*/g) ?? []
  const counts = new Map<string, number>()
  for (const found of words) {
    const word = found.toLowerCase().replaceAll('’', "'")
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return { words: words.length, counts }
}

describe('word count', () => {
  let module: WebAssembly.Module

  const count = async (text: Uint8Array, tasks: number) =>
    mergeCounts(await outputsOf(module, rangeInputs({ length: text.length, tasks }), text))

  before(async () => {
    module = new WebAssembly.Module(await loadProgram('wordcount'))
  })

  describe('given the whole of Moby-Dick', () => {
    let text: Uint8Array

    before(async () => {
      text = await loadMobyDick()
    })

    for (const tasks of [1, 37]) {
      it(`counts in ${tasks} ${tasks === 1 ? 'range' : 'ranges'} what a regular expression counts`, async () => {
        expect(await count(text, tasks)).to.deep.equal(countByRegExp(text))
      })
    }

    it('finds the most frequent words', async () => {
      const counts = await count(text, 8)
      expect(counts.words).to.be.within(210_000, 225_000)
      expect(topWords(counts, 3)).to.deep.equal([
        { word: 'the', count: 14528 },
        { word: 'of', count: 6618 },
        { word: 'and', count: 6446 },
      ])
      expect(counts.counts.get("ahab's")).to.be.above(50)
    })
  })

  describe('given a text cut anywhere', () => {
    it('counts every word once', async () => {
      const pieces = fc.constantFrom(...'aZé0', "'", '’', '—', ' ', '\n', 'it’s', "O'er-", '\u2018', '\u0419')
      const texts = fc
        .array(pieces, { maxLength: 40 })
        .map((parts) => new TextEncoder().encode(parts.join('')))
      await fc.assert(
        fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, tasks) => {
          expect(await count(text, tasks)).to.deep.equal(countByRegExp(text))
        }),
        { numRuns: 300 },
      )
    })

    it('counts bytes that are not UTF-8 as separators', async () => {
      const text = new Uint8Array([0x61, 0xff, 0x62, 0xe2, 0x80, 0x63, 0xe2])
      const { counts } = await count(text, 3)
      expect([...counts.keys()]).to.deep.equal(['a', 'b', 'c'])
    })

    it('counts words longer than its buffers', async () => {
      const text = new TextEncoder().encode(`${'x'.repeat(100_000)} y`)
      const { words, counts } = await count(text, 5)
      expect(words).to.equal(2)
      expect(counts.get('x'.repeat(100_000))).to.equal(1)
    })
  })

  it('exits with code 2 when the range is not one of the text', async () => {
    const shared = new Uint8Array(10)
    for (const [start, end] of [
      [4, 3],
      [0, 11],
    ] as const) {
      const input = new Uint8Array(new Uint32Array([start, end]).buffer)
      expect(await runTask(module, { input, shared })).to.deep.include({ status: 'halted', exitCode: 2 })
    }
    expect(await runTask(module, { input: new Uint8Array(7), shared })).to.deep.include({ exitCode: 2 })
  })

  describe('merging', () => {
    it('sorts equally frequent words by name', () => {
      const counts = {
        words: 5,
        counts: new Map([
          ['b', 1],
          ['a', 1],
          ['c', 3],
        ]),
      }
      expect(topWords(counts, 2)).to.deep.equal([
        { word: 'c', count: 3 },
        { word: 'a', count: 1 },
      ])
    })

    it('refuses a table that is cut off or too long', async () => {
      const [table] = await outputsOf(
        module,
        rangeInputs({ length: 5, tasks: 1 }),
        new TextEncoder().encode('ab cd'),
      )
      if (table === undefined) return expect.fail()
      expect(mergeCounts([table]).words).to.equal(2)
      expect(() => mergeCounts([table.subarray(0, -1)])).to.throw(OutputFormatError, /cut off/)
      expect(() => mergeCounts([table.subarray(0, 12)])).to.throw(OutputFormatError, /cut off/)
      expect(() => mergeCounts([Buffer.concat([table, new Uint8Array(2)])])).to.throw(
        OutputFormatError,
        /2 bytes too many/,
      )
    })
  })
})

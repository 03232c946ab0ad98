import { expect } from 'chai'
import { MalformedProgramError } from '../src/errors/program.ts'
import { decodeProgram, encodeProgram } from '../src/vm/encoding.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { textModule } from './helpers/wasmText.ts'

const program = translate(
  textModule({
    functions: [{ type: 'i32 ->', code: 'local.get 0; global.set 0' }],
    table: [0, 1],
    globals: [
      ['i32', '-1'],
      ['f64', '0x7ff8000000000001'],
    ],
    data: [
      [60_000, [1, 2, 3, 0]],
      [8, [7]],
    ],
  }),
)

describe('an encoded program', () => {
  it('reads as it was', () => {
    const { code, table, globals, memory, initialPages, maxPages, entry } = program
    expect(decodeProgram(encodeProgram(program))).to.deep.equal({
      code,
      table,
      globals,
      memory,
      initialPages,
      maxPages,
      entry,
    })
  })

  it('is refused wherever it is cut short or goes on', () => {
    const bytes = encodeProgram(program)
    for (let length = 0; length < bytes.length; length += length < 400 ? 1 : 997)
      expect(() => decodeProgram(bytes.slice(0, length)), `${length}`).to.throw(MalformedProgramError)
    expect(() => decodeProgram(Uint8Array.from([...bytes, 0]))).to.throw(
      MalformedProgramError,
      'after the end',
    )
  })

  it('is refused where one program could be written in two ways, or is none', () => {
    const bytes = encodeProgram(program)
    const changed = (at: number, value: number) => {
      const other = bytes.slice()
      other[at] = value
      return () => decodeProgram(other)
    }
    expect(changed(0, 1)).to.throw(MalformedProgramError, 'not an encoded program')
    expect(changed(5, 2)).to.throw(MalformedProgramError, 'version')
    for (const at of [18, 22, 26, 30]) expect(changed(at, 0xff)).to.throw(MalformedProgramError)
    expect(changed(bytes.length - 1, 0)).to.throw(MalformedProgramError, 'zeros at its end')
    const page = bytes.length - 60_003 - 8
    expect(changed(page, 0xff)).to.throw(MalformedProgramError, 'out of order')
  })
})

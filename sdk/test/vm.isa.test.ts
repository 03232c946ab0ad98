import { expect } from 'chai'
import { op as fuzzed } from '../../scripts/fuzzVm/writer.ts'
import { opcodes } from '../src/vm/isa.ts'
import { op as instrumented } from '../src/vm/native/code.ts'
import {
  form,
  forms,
  names,
  namesAfterFc,
  operandTypes,
  resultTypes,
  widthExponents,
} from '../src/vm/wasm/opcodes.ts'
import { valueType } from '../src/vm/wasm/types.ts'
import { nativeInstructions } from './helpers/vmNumeric.ts'
import { edges } from './helpers/vmStates.ts'

const numeric = opcodes.filter(({ operand }) => operand !== undefined)
const accesses = opcodes.filter(({ width }) => width !== undefined)

describe('The table of instructions', () => {
  describe('beside the list of the validator', () => {
    it('has its numeric instructions, with the same types', () => {
      for (const { name, code, afterFc, form: own, type, operand } of numeric) {
        if (afterFc !== undefined) {
          expect(namesAfterFc[afterFc], name).to.equal(name)
          continue
        }
        const found = [names[code], forms[code], operandTypes[code], resultTypes[code]]
        const expected = [
          name,
          own === 'unary' ? form.unary : form.binary,
          valueType[operand!],
          valueType[type!],
        ]
        expect(found, name).to.deep.equal(expected)
      }
      const listed = names.filter((_, code) => forms[code] === form.unary || forms[code] === form.binary)
      const all = [...listed, ...namesAfterFc.slice(0, 8)]
      expect(all).to.have.members(numeric.map(({ name }) => name))
    })

    it('has its loads and stores, with the same types and widths', () => {
      for (const { name, code, form: own, type, width } of accesses) {
        const typeOf = own === 'load' ? resultTypes : operandTypes
        const found = [names[code], forms[code], typeOf[code], 2 ** widthExponents[code]!]
        const kind = own === 'load' ? form.load : form.store
        expect(found, name).to.deep.equal([name, kind, valueType[type!], width])
      }
      const listed = names.filter((_, code) => forms[code] === form.load || forms[code] === form.store)
      expect(listed).to.have.members(accesses.map(({ name }) => name))
    })

    it('has its other instructions of memory', () => {
      for (const { name, code, afterFc } of opcodes.filter((opcode) => opcode.name.startsWith('memory_')))
        expect(afterFc === undefined ? names[code] : namesAfterFc[afterFc]).to.equal(name.replace('_', '.'))
    })
  })

  it('says which numeric instructions trap: those that this engine traps at for some operands', () => {
    const native = nativeInstructions()
    for (const { name, traps } of numeric) {
      const execute = native.get(name)!
      const ever = edges.some((a) => edges.some((b) => execute(a, b) === undefined))
      expect(ever, name).to.equal(traps === true)
    }
  })

  for (const [writer, list] of Object.entries({ instrumenter: instrumented, 'random modules': fuzzed })) {
    it(`has the numbers that the ${writer} know by name`, () => {
      for (const [key, code] of Object.entries(list)) {
        const name = names[code]!.replace(/[._](\w)/g, (_, first: string) => first.toUpperCase())
        expect(key).to.equal(name)
      }
    })
  }
})

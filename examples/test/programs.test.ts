import binaryen from 'assemblyscript/binaryen'
import { expect } from 'chai'
import { compileProgram } from '../build.ts'
import { ProgramNotBuiltError } from '../errors.ts'
import { loadProgram, maxMemoryPages, type ProgramName, programNames } from '../programs.ts'

const hostFunctions = ['exit', 'input_read', 'input_size', 'output_write']

describe('example programs', () => {
  for (const name of programNames) {
    describe(name, () => {
      let bytes: Uint8Array<ArrayBuffer>
      let module: WebAssembly.Module

      before(async () => {
        bytes = await loadProgram(name)
        module = new WebAssembly.Module(bytes)
      })

      it('imports nothing but the host interface', () => {
        for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
          expect([from, kind]).to.deep.equal(['assay', 'function'])
          expect(hostFunctions).to.include(name)
        }
      })

      it('exports run and memory only', () => {
        expect(WebAssembly.Module.exports(module)).to.have.deep.members([
          { name: 'run', kind: 'function' },
          { name: 'memory', kind: 'memory' },
        ])
      })

      it('has a memory maximum and no start function', () => {
        const parsed = binaryen.readBinary(bytes)
        const memory = parsed.getMemoryInfo('0')
        const text = parsed.emitText()
        parsed.dispose()
        expect(memory.max).to.equal(maxMemoryPages[name])
        expect(text).not.to.match(/\(start /)
      })

      it('uses WebAssembly 1.0, sign extension, saturating truncation, memory.copy and memory.fill at most', () => {
        const { MVP, SignExt, NontrappingFPToInt, BulkMemoryOpt } = binaryen.Features
        const parsed = binaryen.readBinary(bytes)
        parsed.setFeatures(MVP | SignExt | NontrappingFPToInt | BulkMemoryOpt)
        const valid = parsed.validate()
        parsed.dispose()
        expect(valid).to.equal(1)
      })
    })
  }

  it('compile to the same bytes again', async () => {
    for (const name of ['tiny', 'wordcount'] as const) {
      expect(Buffer.from(await compileProgram(name)).equals(await loadProgram(name)), name).to.equal(true)
    }
  })

  it('are missed by name when they are not built', async () => {
    const error = await loadProgram('absent' as ProgramName).catch((error: unknown) => error)
    expect(error).to.be.instanceOf(ProgramNotBuiltError)
    expect((error as Error).message)
      .to.contain('absent')
      .and.to.contain('node examples/build.ts')
  })
})

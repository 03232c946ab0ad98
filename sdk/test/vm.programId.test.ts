import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { InvalidProgramError, NotWasmError } from '../src/errors/program.ts'
import { programIdOf, programInfo } from '../src/index.ts'
import { toHex } from '../src/trees/bytes.ts'
import { depth, pageSize, vmVersion } from '../src/vm/isa.ts'
import { translate } from '../src/vm/lower/translate.ts'
import { initialMemory, type ProgramImage, programIdOfImage, tableBytes } from '../src/vm/state.ts'
import { ByteTree } from '../src/vm/trees/byteTree.ts'
import { vmModules } from './helpers/vmModules.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'
import { assemble, bodies, handMade, section, text } from './helpers/wasm.ts'
import { textModule } from './helpers/wasmText.ts'

describe('programIdOf', () => {
  it('is the hash of the translated program, for every module of the tests', () => {
    for (const [name, source] of Object.entries(vmModules)) {
      const bytes = assemble(source)
      expect(programIdOf(bytes), name).to.equal(programIdOfImage(translate(bytes)))
    }
  })

  it('agrees with the trees of the reference on programs of odd sizes, with zeros inside and at their ends', () => {
    const random = new Random(vmSeed)
    const below = (limit: number) => random.next() % limit
    const bytes = (length: number) => Uint8Array.from({ length }, () => below(256))
    for (let run = 0; run < 20; run++) {
      const page = (length: number) => {
        const content = new Uint8Array(pageSize)
        content.set(bytes(length), below(pageSize - length))
        return content
      }
      const image: ProgramImage = {
        code: bytes(32 * (1 + below(400))).fill(0, 0, 32 * below(300)),
        table: Array.from({ length: below(300) }, (_, i) => ({ type: below(3), weight: i, pc: i })),
        globals: BigUint64Array.from({ length: below(40) }, () => BigInt(below(1_000))),
        memory: new Map(Array.from({ length: below(4) }, () => [below(16_384), page(below(5_000))] as const)),
        initialPages: below(16_384),
        maxPages: 16_384,
        entry: 0,
      }
      const rootOf = (depth: number, bytes: Uint8Array) => toHex(ByteTree.of(depth, bytes).root())
      const roots = {
        code: rootOf(depth.code, image.code),
        memory: toHex(initialMemory(image).root()),
        globals: toHex(ByteTree.ofValues(depth.globals, image.globals).root()),
        table: rootOf(depth.table, tableBytes(image.table)),
      }
      expect(programIdOfImage(image), `run ${run}, seed ${vmSeed}`).to.equal(programIdOfImage(image, roots))
    }
  })

  it('is the same whatever names and custom sections the file has, and another one for another word', () => {
    const plain = handMade()
    const named = Uint8Array.from([...plain, ...section(0, [...text('name'), 1, 2, 3])])
    expect(programIdOf(named)).to.equal(programIdOf(plain))
    expect(programIdOf(handMade({ code: bodies([0x00, 0x0b]) }))).to.not.equal(programIdOf(plain))
    expect(programIdOf(handMade({ memories: [1, 0, 2] }))).to.not.equal(programIdOf(plain))
  })

  it('is what it was: a module that becomes another program needs another version of the machine', () => {
    const everything = textModule({
      imports: [['output_write', 'i32 i32 ->']],
      table: [1, 0],
      globals: [['i64', '-7']],
      data: [[65_530, [1, 2, 3]]],
      functions: [
        {
          type: 'i32 i32 -> i32 i64',
          locals: 'i32',
          code: `local.get 0; i32.const 2; i32.add; local.set 2; local.get 1; local.get 2; local.set 1;
            block i32; block i32; local.get 1; local.get 0; br_table 0 1 0; end; i32.const 1; i32.sub; end; i32.xor;
            local.get 0; if i32; i32.const 5; else; local.get 2; end; i32.add;
            global.get 0; i64.const 3; i64.mul; global.set 0; global.get 0`,
        },
        {
          type: '->',
          locals: 'i32 f64',
          code: `loop; local.get 0; i32.const 1; i32.add; local.tee 0; i32.const 9; i32.lt_u; br_if 0; end;
            local.get 0; i32.const 4; call 1; drop; drop; i32.const 7; i32.const 1; memory.grow; call_indirect 4; drop; drop;
            i32.const 0; f64.const 1; local.get 1; f64.add; f64.store 8;
            i32.const 16; i32.const 8; i32.const 8; memory.copy; i32.const 16; i32.const 8; call 0`,
        },
      ],
      types: ['i32 -> i32 i32'],
      run: 'call 2',
    })
    expect([vmVersion, programIdOf(everything), programIdOf(handMade())]).to.deep.equal([
      1,
      '0x9e01702f1513ba0b7ba9f7b7a9b1f0b790814c00f5c1a2c2d8f9628cd75819c4',
      '0x3d02699bf367f084b9dd7c45618156f19fae7fc414679e778f5dd79ca55ddca5',
    ])
  })

  // C compiled once and kept: these ids change only with the machine's version
  it('is the same today as ever, for programs that are kept', () => {
    const kept = {
      matrix: '0xeb95ba0b96690789c307e1b7580c3fe485df1951058945c12f49da0cba8fc68a',
      nbody: '0x6a23eecfde219ad7006595f0f22e96921a631d7d54b43a28dd2d2b9a003b6c6c',
      sha256: '0x652f9dd71ff9e8d0a24622bb94675bf7cfb4dbf14ebde7f542d50c5d4139d225',
      sieve: '0x2a6d9d86958c97e6579214219241b49c68bda83b926901405d0475f6929f147c',
    }
    for (const [name, id] of Object.entries(kept)) {
      const file = new URL(`../../bench/kernels/${name}.wasm`, import.meta.url)
      expect(programIdOf(new Uint8Array(readFileSync(file))), name).to.equal(id)
    }
  })

  it('is that of the bytes as they are, though it remembers those of before', () => {
    const bytes = handMade({ code: bodies([0x41, 0, 0x41, 1, 0x36, 2, 0, 0x0b]) })
    const before = programIdOf(bytes)
    expect(programIdOf(bytes.slice())).to.equal(before)
    const at = bytes.lastIndexOf(0x41) + 1
    bytes[at] = 2
    expect(programIdOf(bytes))
      .to.equal(programIdOfImage(translate(bytes)))
      .and.not.equal(before)
    bytes[at] = 1
    expect(programIdOf(bytes)).to.equal(before)
  })

  it('refuses by name what is no program', () => {
    expect(() => programIdOf(Uint8Array.of(1, 2, 3))).to.throw(NotWasmError)
    expect(() => programIdOf(handMade({ code: bodies([0x1a, 0x0b]) }))).to.throw(InvalidProgramError)
  })
})

describe('programInfo', () => {
  it('tells what a program is and asks for', () => {
    const bytes = assemble(`(module
      (import "assay" "input_size" (func (param i32) (result i32)))
      (import "assay" "exit" (func (param i32)))
      (memory (export "memory") 2 100)
      (func $first) (start $first)
      (func (export "_start") (drop (memory.grow (i32.const 1)))))`)
    expect(programInfo(bytes)).to.deep.equal({
      programId: programIdOf(bytes),
      size: bytes.length,
      instructions: 6,
      memory: { min: 2, max: 100, declaredMax: 100 },
      imports: ['input_size', 'exit'],
      entry: '_start',
      hasStart: true,
    })
    expect(programInfo(handMade())).to.deep.include({
      memory: { min: 1, max: 4_096 },
      hasStart: false,
      imports: [],
    })
  })
})

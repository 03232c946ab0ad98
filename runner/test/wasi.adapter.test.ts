import binaryen from 'binaryen'
import { expect } from 'chai'
import { adapterText } from '../src/wasi/adapter.ts'
import {
  errno,
  isRefused,
  refusedFunctions,
  type WasiFunction,
  wasiFunctions,
} from '../src/wasi/functions.ts'
import { clockEpoch, clockStep, endOfTime } from '../src/wasi/wat/time.ts'
import { Adapter, Halt } from './helpers/wasi.ts'

const names = Object.keys(wasiFunctions) as WasiFunction[]
const page = 65_536
/** Where the tests' results, vectors and buffers stand in the memory. */
const result = 64
const vectors = 128
const buffer = 1_024

/** Ids of the sections of a module. */
function sectionsOf(bytes: Uint8Array): number[] {
  const ids: number[] = []
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]!)
    let size = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      size += (byte & 127) << shift
      if (byte < 128) break
    }
    at += size
  }
  return ids
}

describe('WASI adapter', () => {
  describe('the module', () => {
    it('has globals only: no memory, table, data, start or other import than the host interface (decision 24)', () => {
      const module = binaryen.parseText(adapterText(names))
      expect(module.validate()).to.equal(1)
      const bytes = new Uint8Array(module.emitBinary())
      const [type, imports, functions, globals, exports, code] = [1, 2, 3, 6, 7, 10]
      expect(sectionsOf(bytes)).to.deep.equal([type, imports, functions, globals, exports, code])
      const compiled = new WebAssembly.Module(bytes)
      expect(
        WebAssembly.Module.imports(compiled).map(({ module, name }) => `${module}.${name}`),
      ).to.have.members([
        ...['assay.input_size', 'assay.input_read', 'assay.output_write', 'assay.exit', 'program.memory'],
      ])
      module.dispose()
    })

    it('has every function with the type that WASI gives it', () => {
      const module = binaryen.parseText(adapterText(names))
      for (const name of names) {
        const { value } = binaryen.getExportInfo(module.getExport(name))
        const { params, results } = binaryen.getFunctionInfo(module.getFunction(value))
        const letters = (type: number) =>
          binaryen
            .expandType(type)
            .map((one) => (one === binaryen.i64 ? 'I' : one === binaryen.i32 ? 'i' : '?'))
            .join('')
        expect(`${letters(params)}>${letters(results)}`, name).to.equal(wasiFunctions[name])
      }
      module.dispose()
    })
  })

  describe('fd_read', () => {
    it('fills the vectors in order, and stops at the end of the input', () => {
      const wasi = new Adapter({ input: 'abcdefgh' })
      const array = wasi.vectors(
        vectors,
        [buffer, 3],
        [buffer + 100, 0],
        [buffer + 200, 4],
        [buffer + 300, 4],
      )
      expect(wasi.call('fd_read', 0, ...array, result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(8)
      expect([wasi.text(buffer), wasi.text(buffer + 200), wasi.text(buffer + 300)]).to.deep.equal([
        'abc',
        'defg',
        'h',
      ])
    })

    it('looks at no vector behind the end of the input', () => {
      const wasi = new Adapter({ input: 'abc' })
      const [first] = wasi.vectors(page - 16, [buffer, 3], [buffer + 3, 1])
      expect(wasi.call('fd_read', 0, first, 1_000, result)).to.equal(0)
      expect(wasi.text(buffer, wasi.u32(result))).to.equal('abc')
    })

    it('goes on where the last one ended, then yields nothing', () => {
      const wasi = new Adapter({ input: 'abcde' })
      const array = wasi.vectors(vectors, [buffer, 3])
      const read = () => {
        expect(wasi.call('fd_read', 0, ...array, result)).to.equal(0)
        return wasi.text(buffer, wasi.u32(result))
      }
      expect([read(), read(), read(), read()]).to.deep.equal(['abc', 'de', '', ''])
    })

    it('reads the shared input from descriptor 3, at a position of its own', () => {
      const wasi = new Adapter({ input: 'task', shared: 'shared' })
      const array = wasi.vectors(vectors, [buffer, 3])
      const read = (fd: number) => {
        expect(wasi.call('fd_read', fd, ...array, result)).to.equal(0)
        return wasi.text(buffer, wasi.u32(result))
      }
      expect([read(0), read(3), read(0), read(3)]).to.deep.equal(['tas', 'sha', 'k', 'red'])
    })

    it('takes no vectors for no bytes', () => {
      const wasi = new Adapter({ input: 'abc' })
      wasi.view.setUint32(result, 9, true)
      expect(wasi.call('fd_read', 0, vectors, 0, result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(0)
    })

    it('refuses outputs and unknown descriptors', () => {
      const wasi = new Adapter({ input: 'abc' })
      const array = wasi.vectors(vectors, [buffer, 3])
      for (const fd of [1, 2]) expect(wasi.call('fd_read', fd, ...array, result)).to.equal(errno.notcapable)
      for (const fd of [4, 32, 35, -1])
        expect(wasi.call('fd_read', fd, ...array, result)).to.equal(errno.badf)
    })

    it('traps where vectors, buffers or the result lie outside of the memory', () => {
      const wasi = new Adapter({ input: 'abcdef' })
      const good = wasi.vectors(vectors, [buffer, 3])
      const bad: [number, number, number][] = [
        [page - 4, 1, result],
        [-8, 1, result],
        [...good, page - 3],
        [...wasi.vectors(vectors + 64, [page - 2, 3]), result],
        [...wasi.vectors(vectors + 128, [-1, 3]), result],
      ]
      for (const args of bad)
        expect(() => wasi.call('fd_read', 0, ...args)).to.throw(WebAssembly.RuntimeError)
    })

    it('needs room only for what is left of the input', () => {
      const wasi = new Adapter({ input: 'abc' })
      const array = wasi.vectors(vectors, [page - 3, 0xffff_ffff])
      expect(wasi.call('fd_read', 0, ...array, result)).to.equal(0)
      expect(wasi.text(page - 3, 3)).to.equal('abc')
    })
  })

  describe('fd_pread', () => {
    it('reads from a position and leaves that of the descriptor', () => {
      const wasi = new Adapter({ input: 'abcdef' })
      const array = wasi.vectors(vectors, [buffer, 2], [buffer + 2, 9])
      expect(wasi.call('fd_pread', 0, ...array, 1n, result)).to.equal(0)
      expect(wasi.text(buffer, wasi.u32(result))).to.equal('bcdef')
      expect(wasi.call('fd_tell', 0, result)).to.equal(0)
      expect(wasi.u64(result)).to.equal(0n)
    })

    it('yields nothing beyond the end, however far', () => {
      const wasi = new Adapter({ input: 'abcdef' })
      const array = wasi.vectors(vectors, [buffer, 2])
      for (const at of [6n, 7n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, -1n]) {
        expect(wasi.call('fd_pread', 0, ...array, at, result)).to.equal(0)
        expect(wasi.u32(result), `${at}`).to.equal(0)
      }
    })

    it('refuses outputs and unknown descriptors', () => {
      const wasi = new Adapter()
      expect(wasi.call('fd_pread', 1, vectors, 0, 0n, result)).to.equal(errno.notcapable)
      expect(wasi.call('fd_pread', 9, vectors, 0, 0n, result)).to.equal(errno.badf)
    })
  })

  describe('fd_write', () => {
    it('appends the vectors to the output in order', () => {
      const wasi = new Adapter()
      wasi.put(buffer, 'hello, world')
      const array = wasi.vectors(vectors, [buffer + 7, 5], [buffer, 0], [buffer, 5])
      expect(wasi.call('fd_write', 1, ...array, result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(10)
      expect(wasi.output).to.equal('worldhello')
    })

    it('drops what is written to standard error, and reports it as written', () => {
      const wasi = new Adapter()
      const array = wasi.vectors(vectors, [buffer, 7], [buffer, 5])
      expect(wasi.call('fd_write', 2, ...array, result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(12)
      expect(wasi.output).to.equal('')
    })

    it('refuses inputs and unknown descriptors', () => {
      const wasi = new Adapter()
      const array = wasi.vectors(vectors, [buffer, 7])
      for (const fd of [0, 3]) expect(wasi.call('fd_write', fd, ...array, result)).to.equal(errno.notcapable)
      for (const fd of [4, 33, -1]) expect(wasi.call('fd_write', fd, ...array, result)).to.equal(errno.badf)
      expect(wasi.output).to.equal('')
    })

    for (const fd of [1, 2]) {
      it(`traps on bytes outside of the memory, written to ${fd}`, () => {
        const wasi = new Adapter()
        for (const bad of [
          [page - 1, 2],
          [page + 1, 0],
          [-1, 1],
          [1, -1],
        ] as [number, number][]) {
          const array = wasi.vectors(vectors, bad)
          expect(() => wasi.call('fd_write', fd, ...array, result)).to.throw(WebAssembly.RuntimeError)
        }
        const last = wasi.vectors(vectors, [page - 1, 1], [page, 0])
        expect(wasi.call('fd_write', fd, ...last, result)).to.equal(0)
        expect(() => wasi.call('fd_write', fd, page - 4, 1, result)).to.throw(WebAssembly.RuntimeError)
      })
    }

    it('refuses more bytes than can be counted', () => {
      const wasi = new Adapter()
      wasi.memory.grow(1_023)
      const many = Array.from({ length: 64 }, (): [number, number] => [0, 0x400_0000])
      expect(wasi.call('fd_write', 2, ...wasi.vectors(vectors, ...many), result)).to.equal(errno.inval)
      expect(wasi.call('fd_write', 2, ...wasi.vectors(vectors, ...many.slice(1)), result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(0xfc00_0000)
    })
  })

  describe('fd_pwrite', () => {
    it('is refused: outputs are not written at a position', () => {
      const wasi = new Adapter()
      const pwrite = (fd: number) => wasi.call('fd_pwrite', fd, vectors, 0, 0n, result)
      expect([0, 1, 2, 3, 4].map(pwrite)).to.deep.equal([
        ...[errno.notcapable, errno.spipe, errno.spipe, errno.notcapable, errno.badf],
      ])
    })
  })

  describe('fd_seek and fd_tell', () => {
    it('move and tell the position in an input', () => {
      const wasi = new Adapter({ input: 'abcdef', shared: 'ABCDEFGH' })
      const seek = (fd: number, offset: bigint, from: number) => {
        expect(wasi.call('fd_seek', fd, offset, from, result)).to.equal(0)
        const at = wasi.u64(result)
        expect(wasi.call('fd_tell', fd, result)).to.equal(0)
        expect(wasi.u64(result)).to.equal(at)
        return at
      }
      expect([seek(0, 4n, 0), seek(0, -1n, 1), seek(0, -2n, 2), seek(0, 100n, 2)]).to.deep.equal([
        4n,
        3n,
        4n,
        106n,
      ])
      expect([seek(3, 0n, 2), seek(3, -5n, 1), seek(0, 0n, 1)]).to.deep.equal([8n, 3n, 106n])
      const array = wasi.vectors(vectors, [buffer, 2])
      expect(wasi.call('fd_read', 3, ...array, result)).to.equal(0)
      expect(wasi.text(buffer, 2)).to.equal('DE')
      expect(wasi.call('fd_read', 0, ...array, result)).to.equal(0)
      expect(wasi.u32(result)).to.equal(0)
    })

    it('leave the position where the new one would be none', () => {
      const wasi = new Adapter({ input: 'abcdef' })
      expect(wasi.call('fd_seek', 0, 2n, 0, result)).to.equal(0)
      for (const [offset, from] of [
        [-1n, 0],
        [-3n, 1],
        [-7n, 2],
        [2n ** 32n, 0],
        [2n ** 63n - 1n, 1],
        [-(2n ** 63n), 2],
        [0n, 3],
        [0n, -1],
      ] as [bigint, number][])
        expect(wasi.call('fd_seek', 0, offset, from, result), `${offset} ${from}`).to.equal(errno.inval)
      expect(wasi.call('fd_tell', 0, result)).to.equal(0)
      expect(wasi.u64(result)).to.equal(2n)
    })

    it('are refused where there is no position', () => {
      const wasi = new Adapter()
      for (const [fd, error] of [
        [1, errno.spipe],
        [2, errno.spipe],
        [4, errno.badf],
      ] as const) {
        expect(wasi.call('fd_seek', fd, 0n, 1, result)).to.equal(error)
        expect(wasi.call('fd_tell', fd, result)).to.equal(error)
      }
    })
  })

  describe('fd_fdstat_get and fd_filestat_get', () => {
    it('show inputs as regular files with their size', () => {
      const wasi = new Adapter({ input: 'abcdef', shared: 'ab' })
      for (const [fd, size] of [
        [0, 6n],
        [3, 2n],
      ] as const) {
        new Uint8Array(wasi.memory.buffer).fill(0xff, buffer, buffer + 88)
        expect(wasi.call('fd_fdstat_get', fd, buffer)).to.equal(0)
        expect([0, 8, 16, 24].map((at) => wasi.u64(buffer + at))).to.deep.equal([
          ...[4n, 2n | 4n | 32n | (1n << 21n) | (1n << 27n), 0n, 2n ** 64n - 1n],
        ])
        expect(wasi.call('fd_filestat_get', fd, buffer)).to.equal(0)
        expect([0, 8, 16, 24, 32, 40, 48, 56, 64].map((at) => wasi.u64(buffer + at))).to.deep.equal([
          ...[0n, BigInt(fd), 4n, 1n, size, 0n, 0n, 0n, 2n ** 64n - 1n],
        ])
      }
    })

    it('show outputs as neither files nor terminals', () => {
      const wasi = new Adapter({ input: 'abcdef' })
      for (const fd of [1, 2]) {
        expect(wasi.call('fd_fdstat_get', fd, buffer)).to.equal(0)
        expect([0, 8, 16].map((at) => wasi.u64(buffer + at))).to.deep.equal([
          ...[0n, 64n | (1n << 21n) | (1n << 27n), 0n],
        ])
        expect(wasi.call('fd_filestat_get', fd, buffer)).to.equal(0)
        expect([16, 32].map((at) => wasi.u64(buffer + at))).to.deep.equal([0n, 0n])
      }
    })

    it('know no other descriptors', () => {
      const wasi = new Adapter()
      expect(wasi.call('fd_fdstat_get', 4, buffer)).to.equal(errno.badf)
      expect(wasi.call('fd_filestat_get', -1, buffer)).to.equal(errno.badf)
    })
  })

  describe('fd_close', () => {
    it('closes each descriptor once, for every function', () => {
      const wasi = new Adapter({ input: 'abc' })
      const array = wasi.vectors(vectors, [buffer, 1])
      for (const fd of [0, 1, 2, 3]) {
        expect(wasi.call('fd_close', fd)).to.equal(0)
        expect(wasi.call('fd_close', fd)).to.equal(errno.badf)
        for (const name of ['fd_read', 'fd_write'] as const)
          expect(wasi.call(name, fd, ...array, result)).to.equal(errno.badf)
        expect(wasi.call('fd_seek', fd, 0n, 0, result)).to.equal(errno.badf)
        expect(wasi.call('fd_fdstat_get', fd, buffer)).to.equal(errno.badf)
        expect(wasi.call('path_open', fd, 0, 0, 0, 0, 0n, 0n, 0, 0)).to.equal(errno.badf)
      }
      expect(wasi.call('fd_close', 4)).to.equal(errno.badf)
      expect(wasi.call('fd_close', 32)).to.equal(errno.badf)
    })
  })

  describe('fd_renumber, fd_advise, fd_sync, fd_datasync', () => {
    it('accept what changes nothing and refuse the rest', () => {
      const wasi = new Adapter()
      const renumber = (fd: number, to: number) => wasi.call('fd_renumber', fd, to)
      expect([renumber(1, 1), renumber(1, 2), renumber(1, 4), renumber(4, 1)]).to.deep.equal([
        ...[0, errno.notsup, errno.badf, errno.badf],
      ])
      expect([0, 1, 4].map((fd) => wasi.call('fd_advise', fd, 0n, 0n, 0))).to.deep.equal([
        ...[0, errno.spipe, errno.badf],
      ])
      for (const name of ['fd_sync', 'fd_datasync'] as const)
        expect([0, 1, 2, 3, 4].map((fd) => wasi.call(name, fd))).to.deep.equal([0, 0, 0, 0, errno.badf])
    })
  })

  describe('files and network', () => {
    it('have no directory that was opened beforehand', () => {
      const wasi = new Adapter()
      for (const fd of [0, 3, 4]) {
        expect(wasi.call('fd_prestat_get', fd, buffer)).to.equal(errno.badf)
        expect(wasi.call('fd_prestat_dir_name', fd, buffer, 10)).to.equal(errno.badf)
      }
    })

    for (const [name, { error, descriptor }] of Object.entries(refusedFunctions)) {
      it(`${name} is refused`, () => {
        const wasi = new Adapter()
        const before = new Uint8Array(wasi.memory.buffer.slice(0))
        const types = wasiFunctions[name as WasiFunction].split('>')[0]!
        const call = (fd: number) =>
          wasi.call(
            name as WasiFunction,
            ...[...types].map((type, i) => (i === descriptor ? fd : type === 'I' ? 0n : 5)),
          )
        expect([0, 1, 2, 3].map(call)).to.deep.equal([error, error, error, error])
        expect([4, 5, 31, 32, -1].map(call)).to.deep.equal(Array(5).fill(errno.badf))
        expect(new Uint8Array(wasi.memory.buffer)).to.deep.equal(before)
        expect(isRefused(name as WasiFunction)).to.equal(true)
      })
    }
  })

  describe('args_get and environ_get', () => {
    const strings = (wasi: Adapter, what: 'args' | 'environ') => {
      expect(wasi.call(`${what}_sizes_get`, result, result + 4)).to.equal(0)
      const [count, bytes] = [wasi.u32(result), wasi.u32(result + 4)]
      new Uint8Array(wasi.memory.buffer).fill(0xee, vectors, vectors + 4 * count + 4)
      new Uint8Array(wasi.memory.buffer).fill(0xee, buffer, buffer + bytes + 1)
      expect(wasi.call(`${what}_get`, vectors, buffer)).to.equal(0)
      expect(wasi.u32(vectors + 4 * count)).to.equal(0xeeee_eeee)
      expect(wasi.view.getUint8(buffer + bytes)).to.equal(0xee)
      return Array.from({ length: count }, (_, i) => wasi.text(wasi.u32(vectors + 4 * i)))
    }

    it('give the name of the program and nothing else by default', () => {
      const wasi = new Adapter()
      expect(strings(wasi, 'args')).to.deep.equal(['program'])
      expect(strings(wasi, 'environ')).to.deep.equal([])
    })

    it('give the arguments of the build, of every length', () => {
      const args = [
        '',
        'a',
        '--long=ü€😀',
        'x'.repeat(100),
        ...Array.from({ length: 18 }, (_, i) => '-'.repeat(i)),
      ]
      const env = ['TZ=UTC', 'EMPTY=']
      const wasi = new Adapter({ args, env })
      expect(strings(wasi, 'args')).to.deep.equal(['program', ...args])
      expect(strings(wasi, 'environ')).to.deep.equal(env)
    })

    it('trap where the caller has no room', () => {
      const wasi = new Adapter({ args: ['abc'] })
      expect(() => wasi.call('args_get', vectors, page - 11)).to.throw(WebAssembly.RuntimeError)
      expect(() => wasi.call('args_get', page - 7, buffer)).to.throw(WebAssembly.RuntimeError)
      expect(wasi.call('args_get', page - 8, page - 20)).to.equal(0)
    })
  })

  describe('the clock', () => {
    const time = (wasi: Adapter, clock: number) => {
      expect(wasi.call('clock_time_get', clock, 1n, result)).to.equal(0)
      return wasi.u64(result)
    }

    it('moves by its resolution with each reading, and is one for all clock ids', () => {
      const wasi = new Adapter()
      expect([0, 0, 1, 2, 3, 0].map((clock) => time(wasi, clock))).to.deep.equal([
        ...[clockEpoch + clockStep, clockEpoch + 2n * clockStep],
        ...[3n * clockStep, 4n * clockStep, 5n * clockStep, clockEpoch + 6n * clockStep],
      ])
      for (const clock of [0, 1, 2, 3]) {
        expect(wasi.call('clock_res_get', clock, result)).to.equal(0)
        expect(wasi.u64(result)).to.equal(clockStep)
      }
      expect(new Date(Number(clockEpoch / 1_000_000n)).toISOString()).to.equal('2000-01-01T00:00:00.000Z')
    })

    it('knows no other clocks', () => {
      const wasi = new Adapter()
      for (const clock of [4, -1]) {
        expect(wasi.call('clock_time_get', clock, 0n, result)).to.equal(errno.inval)
        expect(wasi.call('clock_res_get', clock, result)).to.equal(errno.inval)
      }
      expect(time(wasi, 1)).to.equal(clockStep)
    })

    describe('poll_oneoff', () => {
      type Subscription = { kind: number; id: number; time?: bigint; absolute?: boolean }
      type Event = { data: bigint; error: number; kind: number; bytes: bigint }

      const poll = (wasi: Adapter, ...subscriptions: Subscription[]): Event[] => {
        const { view } = wasi
        for (const [i, { kind, id, time = 0n, absolute = false }] of subscriptions.entries()) {
          const at = vectors + 48 * i
          view.setBigUint64(at, BigInt(i) + 7n, true)
          view.setUint8(at + 8, kind)
          view.setUint32(at + 16, id, true)
          view.setBigUint64(at + 24, time, true)
          view.setUint16(at + 40, absolute ? 1 : 0, true)
        }
        expect(wasi.call('poll_oneoff', vectors, buffer, subscriptions.length, result)).to.equal(0)
        return Array.from({ length: wasi.u32(result) }, (_, i) => {
          const at = buffer + 32 * i
          return {
            data: wasi.u64(at),
            error: view.getUint16(at + 8, true),
            kind: view.getUint8(at + 10),
            bytes: wasi.u64(at + 16),
          }
        })
      }
      const second = 1_000_000_000n

      it('sleeps: the clock moves to the first deadline, and what is due then has happened', () => {
        const wasi = new Adapter()
        const events = poll(
          wasi,
          { kind: 0, id: 1, time: 9n * second },
          { kind: 0, id: 0, time: 5n * second },
          { kind: 0, id: 1, time: 5n * second, absolute: true },
          { kind: 0, id: 0, time: clockEpoch + 4n * second + second, absolute: true },
        )
        expect(events.map(({ data, error, kind }) => [data, error, kind])).to.deep.equal([
          [8n, 0, 0],
          [9n, 0, 0],
          [10n, 0, 0],
        ])
        expect(time(wasi, 1)).to.equal(5n * second + clockStep)
      })

      it('never moves the clock back', () => {
        const wasi = new Adapter()
        poll(wasi, { kind: 0, id: 1, time: 5n * second })
        for (const id of [0, 1])
          expect(poll(wasi, { kind: 0, id, time: second, absolute: true })).to.have.length(1)
        expect(time(wasi, 1)).to.equal(5n * second + clockStep)
      })

      for (const absolute of [false, true]) {
        it(`goes on after it slept for ever${absolute ? ', up to a time' : ''}`, () => {
          const wasi = new Adapter()
          time(wasi, 1)
          expect(poll(wasi, { kind: 0, id: 1, time: 2n ** 64n - 1n, absolute })).to.have.length(1)
          expect(time(wasi, 1)).to.equal(endOfTime + clockStep)
          expect(poll(wasi, { kind: 0, id: 1, time: 2n ** 64n - 1n, absolute })).to.have.length(1)
          expect(time(wasi, 0)).to.equal(clockEpoch + endOfTime + 2n * clockStep)
        })
      }

      it('finds descriptors ready at once, so that time stands still', () => {
        const wasi = new Adapter({ input: 'abcdef', shared: 'ab' })
        wasi.call('fd_seek', 0, 2n, 0, result)
        wasi.call('fd_seek', 3, 9n, 0, result)
        const events = poll(
          wasi,
          { kind: 0, id: 1, time: second },
          { kind: 1, id: 0 },
          { kind: 1, id: 3 },
          { kind: 2, id: 1 },
          { kind: 2, id: 0 },
          { kind: 1, id: 9 },
        )
        expect(events).to.deep.equal([
          { data: 8n, error: 0, kind: 1, bytes: 4n },
          { data: 9n, error: 0, kind: 1, bytes: 0n },
          { data: 10n, error: 0, kind: 2, bytes: 0n },
          { data: 11n, error: errno.notcapable, kind: 2, bytes: 0n },
          { data: 12n, error: errno.badf, kind: 1, bytes: 0n },
        ])
        expect(time(wasi, 1)).to.equal(clockStep)
      })

      it('reports unknown clocks, and refuses unknown kinds and no subscription', () => {
        const wasi = new Adapter()
        expect(poll(wasi, { kind: 0, id: 4 })).to.deep.equal([
          { data: 7n, error: errno.inval, kind: 0, bytes: 0n },
        ])
        wasi.view.setUint8(vectors + 8, 3)
        expect(wasi.call('poll_oneoff', vectors, buffer, 1, result)).to.equal(errno.inval)
        expect(wasi.call('poll_oneoff', vectors, buffer, 0, result)).to.equal(errno.inval)
        expect(() => wasi.call('poll_oneoff', page - 40, buffer, 1, result)).to.throw(
          WebAssembly.RuntimeError,
        )
      })
    })
  })

  describe('random_get', () => {
    const random = (input: string, ...lengths: number[]) => {
      const wasi = new Adapter({ input })
      return lengths.map((length) => {
        new Uint8Array(wasi.memory.buffer).fill(0, buffer, buffer + 4_096)
        expect(wasi.call('random_get', buffer, length)).to.equal(0)
        expect(wasi.view.getUint8(buffer + length)).to.equal(0)
        return Buffer.from(wasi.memory.buffer)
          .subarray(buffer, buffer + length)
          .toString('hex')
      })
    }

    it('is splitmix64 over the size and the bytes of the input', () => {
      const mask = 2n ** 64n - 1n
      const gamma = 0x9e3779b97f4a7c15n
      const mix = (value: bigint) => {
        let z = value & mask
        z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
        z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
        return z ^ (z >> 31n)
      }
      for (const size of [0, 1, 63, 64, 65, 100, 127, 128, 129, 1_000]) {
        const input = Array.from({ length: size }, (_, i) => String.fromCharCode(33 + ((i * 7) % 90))).join(
          '',
        )
        const seen = size <= 128 ? input : input.slice(0, 64) + input.slice(-64)
        let state = 0n
        for (const value of [size, ...Buffer.from(seen)]) state = mix(state + BigInt(value) + gamma)
        const expected = Buffer.alloc(16)
        for (const i of [1n, 2n]) expected.writeBigUInt64LE(mix(state + i * gamma), Number(8n * (i - 1n)))
        expect(random(input, 16), `size ${size}`).to.deep.equal([expected.toString('hex')])
      }
    })

    it('fills any length, the same for the same input and the same calls', () => {
      const lengths = [1, 0, 3, 8, 9, 1_000, 7]
      const first = random('seed', ...lengths)
      expect(random('seed', ...lengths)).to.deep.equal(first)
      expect(random('sead', ...lengths)).not.to.deep.equal(first)
      expect(new Set(first[5]!.match(/.{16}/g)).size).to.equal(125)
    })

    it('traps outside of the memory', () => {
      for (const [address, length] of [
        [page - 8, 9],
        [page, 1],
        [-1, 2],
      ] as const) {
        const wasi = new Adapter({ input: 'a' })
        expect(() => wasi.call('random_get', address, length)).to.throw(WebAssembly.RuntimeError)
      }
    })
  })

  describe('proc_exit, proc_raise, sched_yield', () => {
    it('exit with any code', () => {
      for (const code of [0, 7, 0xffff_ffff]) {
        try {
          new Adapter().call('proc_exit', code)
          expect.fail('went on')
        } catch (error) {
          expect(error).to.be.instanceOf(Halt)
          expect((error as Halt).code).to.equal(code)
        }
      }
    })

    it('know no signals, and yield to nobody', () => {
      expect(new Adapter().call('proc_raise', 9)).to.equal(errno.nosys)
      expect(new Adapter().call('sched_yield')).to.equal(0)
    })
  })
})

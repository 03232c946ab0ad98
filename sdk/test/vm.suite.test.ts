import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { ProgramError, ProgramFeatureError } from '../src/errors/program.ts'
import { translate } from '../src/vm/lower/translate.ts'
import type { Environment, ImportDefinition } from '../src/vm/wasm/environment.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** Part of the official test suite, beside the repository. */
const folder = process.env.WASM_SPEC ?? join(root, '../shared/wasm-spec')

/** Decision 24b: what needs references or several tables. */
const refused = new Set(['select.0.wasm', 'global.0.wasm', 'br_table.0.wasm', 'call_indirect.1.wasm'])

const constant = (type: 'i32' | 'i64' | 'f32' | 'f64', value: bigint): ImportDefinition => ({
  kind: 'global',
  type,
  mutable: false,
  value,
})
const print = (...params: ('i32' | 'i64' | 'f32' | 'f64')[]): ImportDefinition => ({
  kind: 'function',
  params,
  results: [],
})

/** What the suite's modules import. */
const environment: Environment = {
  programsOnly: false,
  imports: {
    spectest: {
      print: print(),
      print_i32: print('i32'),
      print_i64: print('i64'),
      print_f32: print('f32'),
      print_f64: print('f64'),
      print_i32_f32: print('i32', 'f32'),
      print_f64_f64: print('f64', 'f64'),
      global_i32: constant('i32', 666n),
      global_i64: constant('i64', 666n),
      global_f32: constant('f32', 0x4426a666n),
      global_f64: constant('f64', 0x4084d4cccccccccdn),
      table: { kind: 'table', min: 10, max: 20 },
      memory: { kind: 'memory', min: 1, max: 2 },
    },
  },
}

type Command = { type: string; line: number; filename?: string; module_type?: string; text?: string }

describe('translate, on the official test suite', function () {
  this.timeout(60_000)
  if (!existsSync(folder)) {
    it.skip(`skipped: there is no ${folder}`)
    return
  }
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')))
    it(file, () => {
      const { commands } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { commands: Command[] }
      for (const { type, line, filename, module_type, text } of commands) {
        if (filename === undefined || module_type === 'text') continue
        const run = () => translate(new Uint8Array(readFileSync(join(folder, filename))), { environment })
        const title = `${filename}, line ${line}: ${type} ${text ?? ''}`
        if (type !== 'module') expect(run, title).to.throw(ProgramError)
        else if (refused.has(filename)) expect(run, title).to.throw(ProgramFeatureError)
        else expect(run, title).not.to.throw()
      }
    })
})

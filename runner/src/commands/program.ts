import { Command } from 'commander'
import { count, facts, print } from '../cli/output.ts'
import { type Inspection, inspect } from '../machine/inspect.ts'
import { loadProgram } from '../machine/load.ts'

/** Exports that are named before the rest is only counted. */
const mostNamed = 16

/** `assay program`: what a program is. */
export function programCommand(): Command {
  const command = new Command('program').description('what a program is')
  command
    .command('inspect', { isDefault: true })
    .description('id, sizes, imports and exports of a program, or what is refused and where')
    .argument('<program>', 'WebAssembly module')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  assay program inspect examples/build/tiny.wasm')
    .action((path: string, options: { json?: boolean }) => {
      const inspection = inspect(loadProgram(path))
      print(options, { file: path, ...inspection }, described(path, inspection))
    })
  return command
}

function described(file: string, inspection: Inspection): string {
  const { entry, start, functions, largestFrame, memory, data, limits } = inspection
  const { slots, name } = largestFrame
  const frameOf = name === null ? `${largestFrame.function}` : `${largestFrame.function} ${name}`
  const declared = memory.declaredMax === null ? ' (none declared)' : ''
  return facts([
    ['Program', file],
    ['Id', inspection.programId],
    ['File', `${number(inspection.size)} bytes`],
    ['Entry', `${entry.name}, function ${entry.function}`],
    ['Start', start === null ? 'none' : `function ${start}`],
    ['Functions', `${number(functions.defined)}, and ${functions.imported} imported`],
    ['Code', `${number(inspection.codeWords)} of ${number(limits.codeWords)} words`],
    ['Largest frame', `${number(slots)} of ${number(limits.frameSlots)} slots, function ${frameOf}`],
    [
      'Memory',
      `${number(memory.min)} to ${number(memory.max)} of ${number(limits.pages)} pages of 64 KiB${declared}`,
    ],
    ['Data', `${number(data.bytes)} bytes in ${count(data.segments, 'segment')}`],
    ['Table', `${number(inspection.table)} of ${number(limits.tableEntries)} entries`],
    ['Globals', `${number(inspection.globals)} of ${number(limits.globals)}`],
    ['Host functions', list(inspection.imports)],
    ['Exports', list(inspection.exports.map(({ name, kind }) => `${name} (${kind})`))],
  ])
}

const number = (value: number) => value.toLocaleString('en')

function list(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const rest = names.length - mostNamed
  return [...names.slice(0, mostNamed), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

import { Command } from 'commander'
import { count, facts, grouped, print } from '../cli/output.ts'
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
    ['File', `${grouped(inspection.size)} bytes`],
    ['Entry', `${entry.name}, function ${entry.function}`],
    ['Start', start === null ? 'none' : `function ${start}`],
    ['Functions', `${grouped(functions.defined)}, and ${functions.imported} imported`],
    ['Code', `${grouped(inspection.instructions)} of ${grouped(limits.instructions)} words`],
    ['Largest frame', `${grouped(slots)} of ${grouped(limits.frameSlots)} slots, function ${frameOf}`],
    [
      'Memory',
      `${grouped(memory.min)} to ${grouped(memory.max)} of ${grouped(limits.pages)} pages of 64 KiB${declared}`,
    ],
    ['Data', `${grouped(data.bytes)} bytes in ${count(data.segments, 'segment')}`],
    ['Table', `${grouped(inspection.table)} of ${grouped(limits.tableEntries)} entries`],
    ['Globals', `${grouped(inspection.globals)} of ${grouped(limits.globals)}`],
    ['Host functions', list(inspection.imports)],
    ['Exports', list(inspection.exports.map(({ name, kind }) => `${name} (${kind})`))],
  ])
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const rest = names.length - mostNamed
  return [...names.slice(0, mostNamed), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

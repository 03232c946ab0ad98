import { limits } from '../../sdk/src/vm/isa.ts'
import {
  bodyBytesOfManyParams,
  manyParams,
  maxBodyBytes,
  maxJumpTableEntries,
  maxMergedValues,
  maxNestedLoops,
  maxNesting,
  maxPassedValues,
  mergesOfLoop,
  moduleLimits,
} from '../../sdk/src/vm/wasm/limits.ts'

const number = (value: number) => value.toLocaleString('en')

/** A number that is said as a power of two; one that is none is said as it is. */
function power(value: number): string {
  const exponent = Math.log2(value)
  return Number.isInteger(exponent) ? `2^${exponent}` : number(value)
}

const bytes = (value: number) =>
  value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${number(value / 2 ** 10)} KiB`

const times = ['none', 'once', 'twice', 'three times', 'four times', 'five times'] as const

/** The table below "Limits" in docs/vm/machine.md. */
export function limitsTable(): string {
  const slots = number(limits.slots)
  const module = Object.fromEntries(
    Object.entries(moduleLimits).map(([what, value]) => [what, number(value)]),
  ) as Record<keyof typeof moduleLimits, string>
  const body = `${bytes(maxBodyBytes)} (${bytes(bodyBytesOfManyParams)} where the function has more than ${manyParams} parameters)`
  const rows: [of: string, atMost: string][] = [
    [
      'the machine',
      `${power(limits.codeWords)} words of code, ${slots} slots of a frame (operands of unreachable code included), ${module.globals} globals, ` +
        `${power(moduleLimits['table entries'])} table entries that element segments reach, ${number(limits.pages)} pages`,
    ],
    [
      'a module',
      `${module.types} types, ${module.imports} imports, ${module.functions} functions, ${module.exports} exports, ` +
        `${module['element segments']} element segments, ${module['data segments']} data segments, data in ${module['pages with data']} pages`,
    ],
    ['a type', `${module['values of a type']} parameters, ${module['values of a type']} results`],
    [
      'a body',
      `${body}, ${number(maxJumpTableEntries)} entries of a \`br_table\`, ${number(maxNesting)} blocks within each other, ` +
        `${number(maxNestedLoops)} of them loops`,
    ],
    [
      'merges of a body',
      `${power(maxMergedValues)} locals and operands, counted at each reachable block and branch: once by a \`block\` and an \`if\` ` +
        `(at its beginning, the condition popped), ${times[mergesOfLoop]} by a \`loop\`, once by \`br\`, by \`br_if\` and by \`br_table\` ` +
        'for each distinct label (before the values are popped, the condition or index is)',
    ],
    [
      'work',
      `${power(maxPassedValues)} values passed in the whole module, reachable or not: p + r by a call, 2p + 2r by a block and p + r more ` +
        'by its `else`, n by `br` and `return`, 2n by `br_if`, n by `br_table` for each distinct label and once more, r by the end of ' +
        'a function; the locals and operands at the beginning of a reachable `loop`',
    ],
  ]
  return ['| of | at most |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n')
}

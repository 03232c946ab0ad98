import { type Opcode, opcodes } from '../../sdk/src/vm/isa.ts'
import { type Expression, expressionOf } from './expressions.ts'

/**
 * The fast machine's own instructions, each a case of its dispatch: those of the VM by name, with a suffix where an operand
 * is a constant of the record (`:b`, `:a`, `:ab`), and pairs of an instruction and the jump behind it (`i32.eq+jump_if`).
 */
export type Operations = ReadonlyMap<string, string>

const slotA = 'load<u16>(pc, 4)'
const slotB = 'load<u16>(pc, 6)'
const slotD = 'load<u16>(pc, 2)'
const next = 'pc += 16; continue'
const trap = (reason: string) => `return leave(pc, fp, lp, stack, stop, ${reason})`
/** Ends a case that jumped by `delta` bytes beyond the next record: the check for the end of the run follows. */
const jumped = (delta: string) => `{ const delta = ${delta}; stop += delta; pc += delta + 16; break }`

const commutative = new Set(
  ['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne', 'min', 'max'].flatMap((name) =>
    ['i32', 'i64', 'f32', 'f64'].map((type) => `${type}.${name}`),
  ),
)

/** Whether the operands of a binary instruction may change places. */
function isCommutative(name: string): boolean {
  return commutative.has(name)
}

/** All operations, with the body of each case. */
export function operations(): Operations {
  const cases = new Map<string, string>()
  for (const opcode of opcodes) {
    if (opcode.form === 'binary') addBinary(cases, opcode)
    else if (opcode.form === 'unary') addUnary(cases, opcode)
    else if (opcode.form === 'load') addLoad(cases, opcode)
  }
  addStores(cases)
  addControl(cases)
  return cases
}

function addBinary(cases: Map<string, string>, { name }: Opcode): void {
  const expression = expressionOf(name)
  const { operand, value } = expression
  const read = (slot: string) => `load<${operand}>(fp + ${slot})`
  const constant = `load<${operand}>(pc, 8)`
  const body = (a: string, b: string) => `const a = ${a}; const b = ${b}; ${compute(expression)}`
  cases.set(name, body(read(slotA), read(slotB)))
  cases.set(`${name}:b`, body(read(slotA), constant))
  if (!isCommutative(name)) cases.set(`${name}:a`, body(constant, read(slotB)))
  if (/^i\d\d\.(eq|ne|[lg][te]_[su])$/.test(name)) {
    addFused(cases, name, `const a = ${read(slotA)}; const b = ${read(slotB)}`, value)
    addFused(cases, `${name}:b`, `const a = ${read(slotA)}; const b = ${constant}`, value)
  }
}

function addUnary(cases: Map<string, string>, { name }: Opcode): void {
  const expression = expressionOf(name)
  const read = `const a = load<${expression.operand}>(fp + ${slotA})`
  cases.set(name, `${read}; ${compute(expression)}`)
  if (name.endsWith('.eqz')) addFused(cases, name, read, expression.value)
}

function compute({ guard, value, canonical }: Expression): string {
  const store = (bits: string) => `store<u64>(fp + ${slotD}, ${bits})`
  return [
    ...(guard === undefined ? [] : [guard]),
    store(value),
    ...(canonical === undefined ? [] : [`if (r != r) ${store(canonical)}`]),
    next,
  ].join('; ')
}

/** A comparison and the branch on its result behind it, whose distance stands in the branch's own record. */
function addFused(cases: Map<string, string>, name: string, operands: string, value: string): void {
  for (const [branch, condition] of [
    ['jump_if', 'c != 0'],
    ['jump_unless', 'c == 0'],
  ] as const) {
    cases.set(
      `${name}+${branch}`,
      `${operands}; const c: u64 = ${value}; store<u64>(fp + ${slotD}, c); pc += 16; if (${condition}) ${jumped('load<u32>(pc, 8)')} ${next}`,
    )
  }
}

/** The constant of a load or store is its offset plus its width: the address behind the last byte. */
const end = `const end = u64(load<u32>(fp + ${slotA})) + load<u32>(pc, 8); if (end > bytes) ${trap('trapMemory')}`

function addLoad(cases: Map<string, string>, opcode: Opcode): void {
  const { name, width = 4, signed, type } = opcode
  const bits = width * 8
  const value =
    signed === true
      ? `u64(u${type!.slice(1)}(i${type!.slice(1)}(load<i${bits}>(usize(end), guest - ${width}))))`
      : `u64(load<u${bits}>(usize(end), guest - ${width}))`
  cases.set(name, `${end}; store<u64>(fp + ${slotD}, ${value}); ${next}`)
}

function addStores(cases: Map<string, string>): void {
  for (const width of [1, 2, 4, 8]) {
    const bits = width * 8
    const first = width === 1 ? '' : `store<u8>(usize((end - ${width}) >> 12), 3, memoryFlags); `
    const body = (value: string) =>
      `${end}; store<u${bits}>(usize(end), ${value}, guest - ${width}); ${first}store<u8>(usize((end - 1) >> 12), 3, memoryFlags); ${next}`
    cases.set(`store${bits}`, body(`load<u${bits}>(fp + ${slotB})`))
    cases.set(`store${bits}:b`, body(width === 8 ? 'load<u64>(load<u32>(pc, 12))' : `load<u${bits}>(pc, 12)`))
  }
}

const push = (weight: string, target: string) => `
  if (${weight} > stack) ${trap('trapStack')}
  store<u32>(lp, fp); store<u32>(lp, pc + 16, 4); store<u32>(lp, stack, 8); store<u64>(lp, ${slotD}, 12)
  lp += linkSize; stack -= ${weight}; fp += ${slotA}
  if (fp > u32(framesEnd) || lp > u32(linksEnd)) ${trap('failed')}
  stop += ${target} - pc - 16; pc = ${target}; break`

/** The call that fills is dear, its bytes are cheap. */
const clearFrame = `if (${slotD} > 256) memory.fill(fp, 0, ${slotD})
  else for (const top = fp + ${slotD}; fp < top; fp += 16) v128.store(fp, i64x2.splat(0))`

const pop = (value: string, clear: string) => `
  ${value}
  if (lp == links) ${trap('halted')}
  const slot = u32(load<u16>(lp - linkSize, 12))
  ${clear}
  lp -= linkSize; fp = load<u32>(lp); stack = load<u32>(lp, 8)
  ${value === '' ? '' : 'store<u64>(fp + (slot << 3), value)'}
  const target = load<u32>(lp, 4); stop += target - pc - 16; pc = target; break`

/** Done by a function: it returns the steps taken, 0 if the run ended in the middle, or minus the reason of a trap. */
const repeating = (call: string) => `
  const taken = ${call}
  if (taken < 0) ${trap('-taken')}
  if (taken == 0) return leave(pc, fp, lp, stack, pc, stopped)
  stop -= (taken - 1) << 4; pc += 16; break`

function addControl(cases: Map<string, string>): void {
  cases.set('trap', trap('load<u32>(pc, 8)'))
  cases.set('break', trap('stopped'))
  cases.set('nothing', next)

  cases.set('jump', jumped('load<u32>(pc, 8)'))
  cases.set('jump_if', `if (load<u32>(fp + ${slotA}) != 0) ${jumped('load<u32>(pc, 8)')} ${next}`)
  cases.set('jump_unless', `if (load<u32>(fp + ${slotA}) == 0) ${jumped('load<u32>(pc, 8)')} ${next}`)
  // Constant: the highest index of the table, and the highest whose word is inside of the code.
  cases.set(
    'jump_table',
    `const index = min(load<u32>(fp + ${slotA}), load<u32>(pc, 8))
    if (index > load<u32>(pc, 12)) { goWild(u64((pc - code) >> 4) + 1 + index, ${slotD}); stop += wild - pc - 16; pc = wild; break }
    const delta = index << 4; stop += delta; pc += delta + 16; break`,
  )
  // To a pc outside of the code: a slot that decides, or none; the condition's sense in b.
  cases.set(
    'jump_wild',
    `if (${slotA} != 0xffff && (load<u32>(fp + ${slotA}) != 0) != (${slotB} != 0)) { ${next} }
    goWild(load<u32>(pc, 8), ${slotD}); stop += wild - pc - 16; pc = wild; break`,
  )

  cases.set('call', push('load<u32>(pc, 12)', 'load<u32>(pc, 8)'))
  cases.set(
    'call_wild',
    `goWild(load<u64>(load<u32>(pc, 8)), load<u32>(cells, cellArgs)); ${push('load<u32>(pc, 12)', 'wild')}`,
  )
  const indirect = (index: string) => `
  const index = ${index}
  if (index >= load<u32>(cells, cellTable)) ${trap('trapTableIndex')}
  const entry = table + (index << 4)
  const type = load<u32>(entry)
  if (type == 0) ${trap('trapNullEntry')}
  if (type != load<u32>(pc, 8)) ${trap('trapType')}
  const weight = load<u32>(entry, 4)
  const target = load<u32>(entry, 8)
  if (target == wild) goWild(load<u32>(entry, 12), load<u32>(cells, cellArgs))
  ${push('weight', 'target')}`
  cases.set('call_indirect', indirect(`load<u32>(fp + ${slotB})`))
  cases.set('call_indirect:a', indirect('load<u32>(pc, 12)'))

  // d: bytes of the frame. `:args` where arguments may be left to the caller.
  for (const [name, value] of [
    ['return', ''],
    ['return:slot', `const value = load<u64>(fp + ${slotA})`],
    ['return:a', 'const value = load<u64>(pc, 8)'],
  ] as const) {
    cases.set(name, pop(value, clearFrame))
    cases.set(`${name}:args`, pop(value, `leaveArgs(fp, fp + ${slotD})`))
  }

  cases.set('move', `store<u64>(fp + ${slotD}, load<u64>(fp + ${slotA})); ${next}`)
  cases.set('move:a', `store<u64>(fp + ${slotD}, load<u64>(pc, 8)); ${next}`)
  // result with flag bit 3: the arguments begin at b
  cases.set(
    'result:empty',
    `store<u64>(fp + ${slotD}, load<u64>(fp + ${slotA})); memory.fill(fp + ${slotB}, 0, load<u32>(cells, cellArgs)); ${next}`,
  )
  const select = (a: string, b: string, c: string) =>
    `const a = ${a}; const b = ${b}; store<u64>(fp + ${slotD}, load<u32>(fp + ${c}) != 0 ? a : b); ${next}`
  const read = (slot: string) => `load<u64>(fp + ${slot})`
  cases.set('select', select(read(slotA), read(slotB), 'load<u16>(pc, 8)'))
  cases.set('select:b', select(read(slotA), 'load<u64>(pc, 8)', slotB))
  cases.set('select:a', select('load<u64>(pc, 8)', read(slotB), slotA))
  cases.set('select:ab', select('load<u64>(load<u32>(pc, 8))', 'load<u64>(load<u32>(pc, 8), 8)', slotB))
  cases.set('global_get', `store<u64>(fp + ${slotD}, load<u64>(load<u32>(pc, 8))); ${next}`)
  cases.set('global_set', `store<u64>(load<u32>(pc, 8), load<u64>(fp + ${slotA})); ${next}`)
  cases.set('global_set:a', `store<u64>(globals + ${slotD}, load<u64>(pc, 8)); ${next}`)

  cases.set('memory_size', `store<u64>(fp + ${slotD}, u64(load<u32>(cells, cellPages))); ${next}`)
  const grow = (delta: string) => `
  const pages = growMemory(${delta})
  if (pages == -2) ${trap('failed')}
  store<u64>(fp + ${slotD}, u64(u32(pages))); bytes = u64(load<u32>(cells, cellPages)) << 16; ${next}`
  cases.set('memory_grow', grow(`load<u32>(fp + ${slotA})`))
  cases.set('memory_grow:a', grow('load<u32>(pc, 8)'))
  const left = '(stop - pc) >> 4'
  cases.set('memory_copy', repeating(`copyMemory(pc, fp, ${left})`))
  cases.set('memory_fill', repeating(`fillMemory(pc, fp, ${left})`))
  // host instructions: the arguments begin at a
  cases.set(
    'input_size',
    `const size = inputLength(load<u32>(fp + ${slotA})); emptyArgs(fp + ${slotA}); store<u64>(fp + ${slotD}, size); ${next}`,
  )
  cases.set('input_read', repeating(`readInput(pc, fp, ${left})`))
  cases.set('output_write', repeating(`writeOutput(pc, fp, ${left})`))
  cases.set('exit', `store<u32>(cells, load<u32>(fp + ${slotA}), cellExitCode); ${trap('halted')}`)
}

/** The names of all operations, in the order of their numbers. */
export function operationNames(): string[] {
  return [...operations().keys()]
}

/** The AssemblyScript source of the dispatch, `sdk/assembly/dispatch.ts`. */
export function interpreterSource(): string {
  const cases = [...operations().values()].map((body, number) => `case ${number}: { ${body} }`)
  return `
import {
  cellArgs, cellExitCode, cellFrame, cellLinks, cellMargin, cellPages, cellPc, cellStack, cellStop, cellTable, cells, code, failed,
  framesEnd, globals, guest, halted, links, linksEnd, linkSize, memoryFlags, stopped, table, trapDivideByZero,
  trapMemory, trapNotANumber, trapNullEntry, trapOverflow, trapStack, trapTableIndex, trapType, wild,
} from '../src/vm/fast/layout'
import {
  copyMemory, emptyArgs, fillMemory, goWild, growMemory, inputLength, leave, leaveArgs, readInput, writeOutput,
} from './machine'

/** Runs from the state in the cells until something has to be looked at: a reason from the layout. */
export function dispatch(): u32 {
  let pc = load<u32>(cells, cellPc)
  let fp = load<u32>(cells, cellFrame)
  let lp = load<u32>(cells, cellLinks)
  let stack = load<u32>(cells, cellStack)
  let stop = load<u32>(cells, cellStop)
  let bytes = u64(load<u32>(cells, cellPages)) << 16
  const margin = load<u32>(cells, cellMargin)
  while (true) {
    switch (u32(load<u16>(pc))) {
      ${cases.join('\n      ')}
    }
    if (stop - pc < margin) return leave(pc, fp, lp, stack, stop, stopped)
  }
  return stopped
}
`
}

import type { TraceStep } from 'assay/vm'

/** What an instruction reads, touches and writes, in one line. */
export function stepValuesText({ reads, memory, writes, moved, jump }: TraceStep): string {
  const named = (list: TraceStep['reads']) => list.map(({ name, text }) => `${name}=${text}`)
  const left = [
    ...named(reads),
    ...memory.map(({ access, address, length }) => {
      const end = address + length
      return `${access === 'read' ? 'reads' : 'writes'} memory ${length === 1 ? address : `${address}..${end}`}`
    }),
    ...(moved === undefined || moved.to === 0 ? [] : [`${moved.to} bytes done`]),
  ]
  const right = [...named(writes), ...(jump === undefined ? [] : [`@${jump}`])]
  return [left.join(', '), ...(right.length === 0 ? [] : [`→ ${right.join(', ')}`])]
    .filter((part) => part !== '')
    .join(' ')
}

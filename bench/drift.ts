/**
 * What changed between the committed figures and those just measured, one line each: `functions.deposit: 49035 → 49100
 * (+65)`. A figure that only one of the two has says so.
 *
 * @param committed - JSON, as it stands in the file
 */
export function drift(committed: string, measured: unknown): string[] {
  const before = new Map(leaves(JSON.parse(committed)))
  const after = new Map(leaves(measured))
  const names = [...new Set([...before.keys(), ...after.keys()])]
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is) return []
    const change = typeof was === 'number' && typeof is === 'number' ? ` (${signed(is - was)})` : ''
    return [`${name}: ${was ?? 'none'} → ${is ?? 'none'}${change}`]
  })
}

function leaves(value: unknown, path = ''): [name: string, value: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`))
}

function signed(difference: number): string {
  // without the noise of binary fractions
  const rounded = Number(difference.toFixed(3))
  return rounded > 0 ? `+${rounded}` : `${rounded}`
}

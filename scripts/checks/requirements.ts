import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '../bootstrap/files.mjs'

const SPECIFICATION = 'docs/spec.md'
const TESTS = ['test/**/*.ts', 'test/**/*.sol', 'sdk/test/**/*.ts', 'runner/test/**/*.ts', '!test/ground/**']
const DEFINITION = /^- \*\*([A-Z]{2}-\d+)\*\*/gm

/**
 * What is wrong between the numbered requirements of `docs/spec.md` and the tests that cite them by number: a requirement
 * without a test, one defined twice, a test that cites an unknown one. Letters before a number are those of some requirement.
 */
export function requirementGaps(root: string): string[] {
  const file = join(root, SPECIFICATION)
  if (!existsSync(file)) return []
  const defined = [...readFileSync(file, 'utf8').matchAll(DEFINITION)].map(([, id = '']) => id)
  if (defined.length === 0) return []
  const prefixes = [...new Set(defined.map((id) => id.slice(0, 2)))]
  const citation = new RegExp(`\\b(?:${prefixes.join('|')})-\\d+\\b`, 'g')
  const cited = new Map<string, string>()
  for (const test of listFiles(root, TESTS)) {
    for (const [id] of readFileSync(join(root, test), 'utf8').matchAll(citation)) {
      if (!cited.has(id)) cited.set(id, test)
    }
  }
  const known = new Set(defined)
  return [
    ...defined.filter((id, i) => defined.indexOf(id) !== i).map((id) => `${id} is defined twice`),
    ...[...known].filter((id) => !cited.has(id)).map((id) => `${id} is cited by no test`),
    ...[...cited]
      .filter(([id]) => !known.has(id))
      .map(([id, test]) => `${test} cites ${id}, which ${SPECIFICATION} does not have`),
  ]
}

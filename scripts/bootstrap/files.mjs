import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The files below `root` that match, sorted, with forward slashes. `*` matches inside one name, `**` any folders, a
 * pattern with `!` in front takes files away again. Folders of packages and of git are never entered.
 *
 * Node's own glob came with version 22; this has to run under 20.
 *
 * @param {string} root
 * @param {string[]} patterns
 * @returns {string[]}
 */
export function listFiles(root, patterns) {
  const found = new Set()
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      const expression = toExpression(pattern.slice(1))
      for (const path of found) if (expression.test(path)) found.delete(path)
    } else {
      const expression = toExpression(pattern)
      const fixed = pattern.split('/').slice(0, -1)
      const wild = fixed.findIndex((part) => part.includes('*'))
      const start = (wild < 0 ? fixed : fixed.slice(0, wild)).join('/')
      const deep = wild >= 0 || pattern.includes('**')
      for (const path of pattern.includes('*') ? walk(root, start, deep) : existing(root, pattern)) {
        if (expression.test(path)) found.add(path)
      }
    }
  }
  return [...found].sort()
}

const CLOSED = new Set(['node_modules', '.git'])

function* walk(root, folder, deep) {
  for (const entry of entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isFile()) yield path
    else if (deep && entry.isDirectory() && !CLOSED.has(entry.name)) yield* walk(root, path, deep)
  }
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  }
}

function existing(root, path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ? [path] : []
}

function toExpression(pattern) {
  const source = pattern
    .split(/(\*\*\/|\*\*|\*)/)
    .map(
      (part) =>
        ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[part] ?? part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`)
}

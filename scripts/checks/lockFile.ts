import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Entry = {
  link?: boolean
  resolved?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/**
 * What would make `npm ci` refuse package-lock.json on a fresh clone: npm leaves an optional package out of the lock file,
 * without a word, when the registry at hand does not offer it, and takes the file for one out of step afterwards.
 */
export function lockFileGaps(root: string): string[] {
  const { packages }: { packages: Record<string, Entry> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  return Object.entries(packages).flatMap(
    ([path, { link, resolved, dependencies, optionalDependencies }]) => {
      if (link && !resolved) return [`package-lock.json: ${path} does not say where it links to`]
      return Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !lookUp(packages, path, name))
        .map((name) => `package-lock.json: ${name}, wanted by ${path || 'the workspace'}, is missing`)
    },
  )
}

/** Node's own search: beside the package, then in every folder above it. */
function lookUp(packages: Record<string, Entry>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.replace(/\/?[^/]*$/, '')) {
    const prefix = folder === '' ? '' : `${folder}/`
    if (`${prefix}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

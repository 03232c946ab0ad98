import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listFiles } from '../bootstrap/files.mjs'

const CODE = /^(```|~~~)[\s\S]*?^\1|`[^`\n]*`/gm
const LINK = /\]\(\s*<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]:\s*<?([^\s>]+)/gm

/** `file: target` of every relative link in the Markdown files below `root` that leads nowhere. */
export function brokenLinks(root: string): string[] {
  return listFiles(root, ['**/*.md', '!.*/**']).flatMap((file) =>
    targetsIn(readFileSync(join(root, file), 'utf8'))
      .filter((target) => !existsSync(resolve(root, file, target)))
      .map((target) => `${file}: ${target}`),
  )
}

function targetsIn(markdown: string): string[] {
  return [...markdown.replace(CODE, '').matchAll(LINK)]
    .map(([, inline, reference]) => (inline ?? reference ?? '').replace(/[#?].*$/, ''))
    .filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target))
}

/** Like GitHub: a leading slash means the top of the repository. */
function resolve(root: string, file: string, target: string): string {
  const path = decodeURI(target)
  return path.startsWith('/') ? join(root, path) : join(root, dirname(file), path)
}

import { type ContentKind, contentKinds } from 'assay'
import type { Hex } from 'viem'

/** What a URL of the store's protocol asks for. */
export type Route =
  | { kind: ContentKind; key: Hex }
  | { kind: 'leaves'; jobId: Hex }
  | { kind: 'outputs'; jobId: Hex }

const path =
  /^\/(?:(programs|inputs|content)\/(0x[0-9a-fA-F]{64})|jobs\/(0x[0-9a-fA-F]{64})\/(leaves|outputs))$/

/**
 * Reads the path of a request. It is made of fixed words and 32-byte hashes only, so what comes out of it can name
 * no other file than one of the store's own.
 * @returns undefined for everything else
 */
export function routeOf(url: string): Route | undefined {
  const [, kind, key, jobId, part] = path.exec(url.replace(/\?.*$/s, '')) ?? []
  const known = contentKinds.find((one) => one === kind)
  if (known !== undefined && key !== undefined) return { kind: known, key: key.toLowerCase() as Hex }
  if (jobId === undefined || (part !== 'leaves' && part !== 'outputs')) return undefined
  return { kind: part, jobId: jobId.toLowerCase() as Hex }
}

/**
 * Reads a range header. Only `bytes=N-` is understood, which is what going on after a broken connection needs;
 * anything else is answered with all bytes, as HTTP allows.
 * @returns the first byte wanted
 */
export function rangeStart(header: string | undefined): number {
  const [, digits] = /^bytes=(\d{1,15})-$/.exec(header ?? '') ?? []
  return Number(digits ?? 0)
}

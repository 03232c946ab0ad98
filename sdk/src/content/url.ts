import type { Hex } from 'viem'
import { InvalidStoreUrlError } from '../errors/content.ts'
import { hashBytes } from '../trees/bytes.ts'
import type { ContentKind } from './key.ts'

/**
 * The base URL of a store without a slash at its end. Only http and https, and nothing but a path: a URL that
 * somebody else chose must not be a way to send requests of their making to other services.
 * @throws {InvalidStoreUrlError}
 */
export function parseStoreUrl(url: string): string {
  const refuse = (reason: string): never => {
    throw new InvalidStoreUrlError({ url, reason })
  }
  if (!URL.canParse(url)) refuse('it is not a URL')
  const { protocol, username, password, origin, pathname } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') refuse(`${protocol} is neither http: nor https:`)
  if (username !== '' || password !== '') refuse('it carries a user name or password')
  if (/[?#]/.test(url)) refuse('it carries a query or fragment')
  return `${origin}${pathname.replace(/\/+$/, '')}`
}

/**
 * Where a store keeps a content.
 * @throws {InvalidStoreUrlError | InvalidHashError}
 */
export function contentUrl(storeUrl: string, kind: ContentKind, key: Hex): string {
  hashBytes(key, 'key')
  return `${parseStoreUrl(storeUrl)}/${kind}/${key.toLowerCase()}`
}

/**
 * Where a provider serves the results of a job.
 * @throws {InvalidStoreUrlError | InvalidHashError}
 */
export function resultUrl(endpoint: string, jobId: Hex, part: 'leaves' | 'outputs'): string {
  hashBytes(jobId, 'jobId')
  return `${parseStoreUrl(endpoint)}/jobs/${jobId.toLowerCase()}/${part}`
}

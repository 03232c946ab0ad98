import { MalformedManifestError } from '../errors/trees.ts'
import { isHash } from './bytes.ts'
import { type ContentRef, isContentLength } from './contentTree.ts'

/** What a job's `dataUri` leads to: the names of the contents that a provider needs. */
export type DataManifest = {
  /** The wasm file. */
  program: ContentRef
  /** The input that all tasks share; the empty content where there is none. */
  shared: ContentRef
  /** The input pack. */
  inputs: ContentRef
}

/** Version of the format, the value of the manifest's field `assay`. */
export const manifestVersion = 1

/** The longest manifest that is read, in bytes. */
export const maxManifestLength = 4096

const parts = ['program', 'shared', 'inputs'] as const

/**
 * The manifest's bytes: JSON without spaces, fields in a fixed order, so that equal manifests are one content.
 * @throws {MalformedManifestError}
 */
export function encodeManifest(manifest: DataManifest): Uint8Array {
  const fields = parts.map((part) => [part, readRef(manifest[part], part)] as const)
  return new TextEncoder().encode(JSON.stringify({ assay: manifestVersion, ...Object.fromEntries(fields) }))
}

/**
 * Reads a manifest. Unknown versions and fields are refused: what is not understood cannot be verified.
 * @throws {MalformedManifestError}
 */
export function parseManifest(bytes: Uint8Array): DataManifest {
  if (bytes.length > maxManifestLength)
    refuse(`it has ${bytes.length} bytes, at most ${maxManifestLength} are read`)
  const manifest = readFields(parseJson(bytes), 'it', ['assay', ...parts])
  if (manifest.assay !== manifestVersion)
    refuse(`version ${JSON.stringify(manifest.assay)} is unknown, ${manifestVersion} is known`)
  return {
    program: readRef(manifest.program, 'program'),
    shared: readRef(manifest.shared, 'shared'),
    inputs: readRef(manifest.inputs, 'inputs'),
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new MalformedManifestError({ reason: 'it is not JSON in UTF-8', cause })
  }
}

function readRef(value: unknown, name: string): ContentRef {
  const { root, length } = readFields(value, name, ['root', 'length'])
  if (!isHash(root)) return refuse(`${name}.root is not 0x and 64 hex digits`)
  if (typeof length !== 'number' || !isContentLength(length))
    return refuse(`${name}.length is not a whole number of bytes up to 1 GiB`)
  return { root: root.toLowerCase() as typeof root, length }
}

function readFields<name extends string>(
  value: unknown,
  what: string,
  names: readonly name[],
): Record<name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${what} is not an object`)
  const missing = names.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) refuse(`${what} has no field ${missing}`)
  const unknown = Object.keys(value).find((key) => !(names as readonly string[]).includes(key))
  if (unknown !== undefined) refuse(`${what} has an unknown field ${JSON.stringify(unknown)}`)
  return value as Record<name, unknown>
}

function refuse(reason: string): never {
  throw new MalformedManifestError({ reason })
}

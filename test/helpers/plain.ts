import type { Result } from 'ethers'

/** A struct that a view returned, as an object of its fields by name. */
export function plain<T extends object>(
  struct: T,
): { [K in Exclude<keyof T, number | keyof unknown[]>]: T[K] } {
  return (struct as unknown as Result).toObject() as never
}

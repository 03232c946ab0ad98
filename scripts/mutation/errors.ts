/** The mutation run cannot go on: the set-up is at fault, not a mutant. */
export class MutationError extends Error {
  override readonly name = 'MutationError'
}

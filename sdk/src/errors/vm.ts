import { AssayError } from './base.ts'

/** A packed witness that cannot belong to any step. */
export class WitnessError extends AssayError {
  constructor({ reason, size }: { reason: string; size: number }) {
    super('Witness is not well-formed.', {
      name: 'WitnessError',
      facts: { Reason: reason, Size: `${size} bytes` },
      remedy: 'Make the witness from a machine in the state that the step begins with.',
    })
  }
}

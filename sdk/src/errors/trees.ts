import { AssayError } from './base.ts'

/** A value that should be a 32-byte hash is not one. */
export class InvalidHashError extends AssayError {
  constructor({ name, value }: { name: string; value: unknown }) {
    super('Value is not a 32-byte hash.', {
      name: 'InvalidHashError',
      facts: { Field: name, Value: String(value) },
      remedy: 'Pass 0x followed by 64 hex digits.',
    })
  }
}

/** A content is longer than a content tree can hold, or its length is no length. */
export class ContentLengthError extends AssayError {
  constructor({ length, limit }: { length: number | bigint; limit: number }) {
    super('Content length is out of range.', {
      name: 'ContentLengthError',
      facts: { Length: `${length} bytes`, Limit: `${limit} bytes` },
      remedy: 'Split the data into several contents of at most 1 GiB.',
    })
  }
}

/** A content hasher was used after its root was taken. */
export class HasherFinishedError extends AssayError {
  constructor() {
    super('Content hasher was already finished.', {
      name: 'HasherFinishedError',
      remedy: 'Create a new ContentHasher for each content.',
    })
  }
}

/** A position lies outside of a tree. */
export class IndexOutOfRangeError extends AssayError {
  constructor({ what, index, count }: { what: string; index: number; count: number }) {
    super(`${what} index is out of range.`, {
      name: 'IndexOutOfRangeError',
      facts: { Index: index, Count: count },
      remedy: `Use a whole number from 0 to ${count - 1}.`,
    })
  }
}

/** A job cannot have this many tasks. */
export class TaskCountError extends AssayError {
  constructor({ count }: { count: number }) {
    super('Number of tasks is out of range.', {
      name: 'TaskCountError',
      facts: { Tasks: count, Range: `1 to ${2 ** 32 - 1}` },
      remedy: 'Give a job at least one task, and split larger arrays into several jobs.',
    })
  }
}

/** A sum of steps does not fit into 128 bits. */
export class StepsOutOfRangeError extends AssayError {
  constructor({ steps }: { steps: bigint }) {
    super('Sum of steps is out of range.', {
      name: 'StepsOutOfRangeError',
      facts: { Steps: steps, Range: '0 to 2^128 - 1' },
      remedy: 'Take the sum from the result tree or from the chain.',
    })
  }
}

/** A result that no program can have: it is wrong whatever was executed. */
export class MalformedResultError extends AssayError {
  readonly taskIndex: number

  constructor({ taskIndex, reason }: { taskIndex: number; reason: string }) {
    super('Task result is not well-formed.', {
      name: 'MalformedResultError',
      facts: { Task: taskIndex, Reason: reason },
      remedy: 'Do not submit or accept this result; whoever produced it is faulty.',
    })
    this.taskIndex = taskIndex
  }
}

/** A leaves file whose size is not 53 bytes for each task. */
export class MalformedLeavesError extends AssayError {
  constructor({ size, tasks }: { size: number; tasks?: number | undefined }) {
    super('Leaves file has the wrong size.', {
      name: 'MalformedLeavesError',
      facts: {
        Size: `${size} bytes`,
        Expected:
          tasks === undefined
            ? 'a multiple of 53 bytes, at least 53'
            : `${53 * tasks} bytes (${tasks} tasks of 53)`,
      },
      remedy: 'Fetch the file again, or from another place.',
    })
  }
}

/** An input pack that does not say how its bytes are to be cut. */
export class MalformedInputPackError extends AssayError {
  constructor({ reason, size }: { reason: string; size: number }) {
    super('Input pack is not well-formed.', {
      name: 'MalformedInputPackError',
      facts: { Reason: reason, Size: `${size} bytes` },
      remedy: 'Pack the inputs with packInputs; a provider should refuse the job.',
    })
  }
}

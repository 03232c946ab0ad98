import type { Address } from 'viem'
import { AssayError } from './base.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** A value lies outside of its bounds; raised by the contract, and by the SDK for what a field cannot express. */
export class ValueOutOfRangeError extends ContractError {
  readonly field: string
  readonly value: bigint
  readonly min: bigint
  readonly max: bigint

  constructor(parameters: { field: string; value: bigint; min: bigint; max: bigint } & ContractErrorContext) {
    const { field, value, min, max, ...context } = parameters
    super(`Value of \`${field}\` is out of range.`, {
      ...context,
      name: 'ValueOutOfRangeError',
      facts: { Field: field, Value: value, Range: `${min} to ${max}` },
      remedy: `Pass a \`${field}\` within the range.`,
    })
    this.field = field
    this.value = value
    this.min = min
    this.max = max
  }
}

/** A number is not a whole one, or too large to be exact. */
export class InvalidIntegerError extends AssayError {
  readonly field: string
  readonly value: number

  constructor({ field, value }: { field: string; value: number }) {
    super(`Value of \`${field}\` is not a whole number.`, {
      name: 'InvalidIntegerError',
      facts: { Field: field, Value: value },
      remedy: 'Pass a whole number.',
    })
    this.field = field
    this.value = value
  }
}

/** No parameter set has this number. */
export class ParameterSetUnknownError extends ContractError {
  readonly id: bigint
  readonly count: bigint

  constructor(parameters: { id: bigint; count: bigint } & ContractErrorContext) {
    const { id, count, ...context } = parameters
    super('Parameter set is unknown.', {
      ...context,
      name: 'ParameterSetUnknownError',
      facts: { Id: id, Count: count },
      remedy: `Use an id from 0 to ${count - 1n}.`,
    })
    this.id = id
    this.count = count
  }
}

/** A level is to be decided by an address that has no code. */
export class ParameterSetHookWithoutCodeError extends ContractError {
  readonly level: number
  readonly hook: Address

  constructor(parameters: { level: number; hook: Address } & ContractErrorContext) {
    const { level, hook, ...context } = parameters
    super('Hook of the level has no code.', {
      ...context,
      name: 'ParameterSetHookWithoutCodeError',
      facts: { Level: level, Hook: hook },
      remedy: 'Deploy the hook first, or use the zero address where the level is not offered.',
    })
    this.level = level
    this.hook = hook
  }
}

/** No further parameter set can be added. */
export class ParameterSetsExhaustedError extends ContractError {
  readonly count: bigint

  constructor(parameters: { count: bigint } & ContractErrorContext) {
    const { count, ...context } = parameters
    super('No further parameter set fits.', {
      ...context,
      name: 'ParameterSetsExhaustedError',
      facts: { Count: count },
      remedy: 'Deploy a new market.',
    })
    this.count = count
  }
}

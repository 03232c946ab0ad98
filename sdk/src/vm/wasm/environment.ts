import type { FunctionType, ValueTypeName } from './types.ts'

/** Functions that the machine has instructions for. */
export const hostFunctionNames = ['input_size', 'input_read', 'output_write', 'exit'] as const
export type HostFunction = (typeof hostFunctionNames)[number]

/**
 * What stands behind an import. A function without `host` does nothing and gives zeros; only environments for tests
 * have such, and the definitions of globals, tables and memories.
 */
export type ImportDefinition =
  | {
      readonly kind: 'function'
      readonly params: readonly ValueTypeName[]
      readonly results: readonly ValueTypeName[]
      readonly host?: HostFunction
    }
  | {
      readonly kind: 'global'
      readonly type: ValueTypeName
      readonly mutable: boolean
      /** The bits of the value. */
      readonly value: bigint
    }
  | { readonly kind: 'table'; readonly min: number; readonly max?: number }
  | { readonly kind: 'memory'; readonly min: number; readonly max?: number }

/** What modules find around them, and what is asked of them. */
export type Environment = {
  /** Definitions by module and name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, ImportDefinition>>>>
  /**
   * Whether only programs are accepted: an entry named `run` or `_start`, a memory exported as "memory", and no
   * larger maximum of pages than the machine has. Otherwise any valid module is, and a larger maximum is cut.
   */
  readonly programsOnly: boolean
}

/** An imported function and what it does. */
export type ImportedFunction = {
  readonly module: string
  readonly name: string
  readonly type: FunctionType
  readonly host: HostFunction | undefined
}

/** The host interface, which is all that a program may import. */
export const assayEnvironment: Environment = {
  programsOnly: true,
  imports: {
    assay: {
      input_size: { kind: 'function', host: 'input_size', params: ['i32'], results: ['i32'] },
      input_read: {
        kind: 'function',
        host: 'input_read',
        params: ['i32', 'i32', 'i32', 'i32'],
        results: ['i32'],
      },
      output_write: { kind: 'function', host: 'output_write', params: ['i32', 'i32'], results: [] },
      exit: { kind: 'function', host: 'exit', params: ['i32'], results: [] },
    },
  },
}

import { AssayError, type ErrorFacts } from './base.ts'

/** Parent of every reason for which a program is refused by reading it alone. */
export class ProgramError extends AssayError {}

/** The file does not begin like a WebAssembly module. */
export class NotWasmError extends ProgramError {
  constructor({ size, found }: { size: number; found: string }) {
    super('Program is not a WebAssembly module.', {
      name: 'NotWasmError',
      facts: { Size: `${size} bytes`, Found: found, Expected: '00 61 73 6d' },
      remedy: 'Pass the bytes of a .wasm file, not of its text form or of another file.',
    })
  }
}

/** A module of another version of the binary format, or a component. */
export class WasmVersionError extends ProgramError {
  constructor({ found }: { found: string }) {
    super('WebAssembly binary version is not supported.', {
      name: 'WasmVersionError',
      facts: { Found: found, Expected: '01 00 00 00' },
      remedy: 'Build a core module of version 1; components are not accepted.',
    })
  }
}

/** Where in a program: a byte of the file, and inside of code the function and the instruction. */
export type ProgramPlace = {
  /** Offset in the file, in bytes. */
  offset: number
  /** In the module's function index space: imports count. */
  functionIndex?: number | undefined
  /** Name as in the text format. */
  instruction?: string | undefined
}

/** The bytes do not follow the binary format. */
export class MalformedProgramError extends ProgramError {
  readonly offset: number
  readonly functionIndex: number | undefined

  constructor({ offset, functionIndex, instruction, reason }: ProgramPlace & { reason: string }) {
    super('Program is not a well-formed WebAssembly module.', {
      name: 'MalformedProgramError',
      facts: { Reason: reason, Instruction: instruction, Function: functionIndex, Offset: offset },
      remedy: 'Build the program again; the file is damaged or was cut short.',
    })
    this.offset = offset
    this.functionIndex = functionIndex
  }
}

/** The bytes follow the binary format, but what they say breaks a rule of WebAssembly's validation. */
export class InvalidProgramError extends ProgramError {
  readonly offset: number
  readonly functionIndex: number | undefined

  constructor({ offset, functionIndex, instruction, reason }: ProgramPlace & { reason: string }) {
    super('Program is not a valid WebAssembly module.', {
      name: 'InvalidProgramError',
      facts: { Reason: reason, Instruction: instruction, Function: functionIndex, Offset: offset },
      remedy: 'Build the program with a compiler that validates what it writes.',
    })
    this.offset = offset
    this.functionIndex = functionIndex
  }
}

/** A feature outside of WebAssembly 1.0 and the few later ones that Assay has. */
export class ProgramFeatureError extends ProgramError {
  readonly feature: string
  readonly offset: number
  readonly functionIndex: number | undefined

  constructor(parameters: ProgramPlace & { feature: string; found: string }) {
    const { feature, offset, functionIndex, instruction, found } = parameters
    super('Program uses a WebAssembly feature that Assay does not have.', {
      name: 'ProgramFeatureError',
      facts: {
        Feature: feature,
        Found: found,
        Instruction: instruction,
        Function: functionIndex,
        Offset: offset,
      },
      remedy: 'Turn the feature off in the compiler.',
    })
    this.feature = feature
    this.offset = offset
    this.functionIndex = functionIndex
  }
}

/** An instruction outside of the accepted set. */
export class ProgramInstructionError extends ProgramError {
  readonly functionIndex: number
  readonly offset: number
  /** Name as in the text format, where it is known. */
  readonly instruction: string | undefined

  constructor(parameters: {
    functionIndex: number
    offset: number
    opcode: string
    instruction?: string
    feature: string
  }) {
    const { functionIndex, offset, opcode, instruction, feature } = parameters
    super('Program uses an instruction that Assay does not have.', {
      name: 'ProgramInstructionError',
      facts: {
        Instruction: instruction,
        Function: functionIndex,
        Offset: offset,
        Opcode: opcode,
        Feature: feature,
      },
      remedy: 'Turn the feature off in the compiler.',
    })
    this.functionIndex = functionIndex
    this.offset = offset
    this.instruction = instruction
  }
}

/** An import that is not a function of the host interface. */
export class ProgramImportError extends ProgramError {
  constructor({ module, name, found, expected }: Record<'module' | 'name' | 'found' | 'expected', string>) {
    super('Program imports something that Assay does not offer.', {
      name: 'ProgramImportError',
      facts: { Import: `${quote(module)} ${quote(name)}`, Found: found, Expected: expected },
      remedy:
        'Import only input_size, input_read, output_write and exit of module "assay"; `assay build` links WASI.',
    })
  }
}

/** No function to begin with, or no telling which. */
export class ProgramEntryError extends ProgramError {
  constructor({ reason }: { reason: string }) {
    super('Program has no usable entry.', {
      name: 'ProgramEntryError',
      facts: { Reason: reason },
      remedy: 'Export one function named "run" or "_start" without parameters and results.',
    })
  }
}

/** A memory that the machine cannot give. */
export class ProgramMemoryError extends ProgramError {
  constructor({ reason, facts }: { reason: string; facts?: ErrorFacts }) {
    super('Program has no usable memory.', {
      name: 'ProgramMemoryError',
      facts: { Reason: reason, ...facts },
      remedy: 'Define one 32-bit memory of at most 16384 pages and export it as "memory".',
    })
  }
}

/** More of something than a program may have. */
export class ProgramLimitError extends ProgramError {
  constructor(parameters: {
    what: string
    value: number
    limit: number
    functionIndex?: number | undefined
  }) {
    const { what, value, limit, functionIndex } = parameters
    super('Program exceeds a limit.', {
      name: 'ProgramLimitError',
      facts: { What: what, Function: functionIndex, Value: value, Limit: limit },
      remedy: 'Build a smaller program, or split its largest functions.',
    })
  }
}

/** Names come out of hostile files: no control characters, no flood. */
function quote(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}

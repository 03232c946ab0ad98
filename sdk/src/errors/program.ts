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

/** The bytes do not follow the binary format. */
export class MalformedProgramError extends ProgramError {
  constructor({ offset, reason }: { offset: number; reason: string }) {
    super('Program is not a well-formed WebAssembly module.', {
      name: 'MalformedProgramError',
      facts: { Reason: reason, Offset: offset },
      remedy: 'Build the program again; the file is damaged or was cut short.',
    })
  }
}

/** A feature outside of WebAssembly 1.0 and the few later ones that Assay has. */
export class ProgramFeatureError extends ProgramError {
  readonly feature: string

  constructor({ feature, offset, found }: { feature: string; offset: number; found: string }) {
    super('Program uses a WebAssembly feature that Assay does not have.', {
      name: 'ProgramFeatureError',
      facts: { Feature: feature, Found: found, Offset: offset },
      remedy: 'Turn the feature off in the compiler.',
    })
    this.feature = feature
  }
}

/** An instruction outside of the accepted set. */
export class ProgramInstructionError extends ProgramError {
  readonly functionIndex: number
  readonly offset: number

  constructor(parameters: { functionIndex: number; offset: number; opcode: string; feature: string }) {
    const { functionIndex, offset, opcode, feature } = parameters
    super('Program uses an instruction that Assay does not have.', {
      name: 'ProgramInstructionError',
      facts: { Function: functionIndex, Offset: offset, Opcode: opcode, Feature: feature },
      remedy: 'Turn the feature off in the compiler.',
    })
    this.functionIndex = functionIndex
    this.offset = offset
  }
}

/** An import that is not a function of the host interface. */
export class ProgramImportError extends ProgramError {
  constructor({ module, name, found, expected }: Record<'module' | 'name' | 'found' | 'expected', string>) {
    super('Program imports something that Assay does not offer.', {
      name: 'ProgramImportError',
      facts: { Import: `${quote(module)} ${quote(name)}`, Found: found, Expected: expected },
      remedy:
        'Import only input_size, input_read, output_write and exit of module "assay"; there is no WASI.',
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
  constructor({ what, value, limit }: { what: string; value: number; limit: number }) {
    super('Program exceeds a limit.', {
      name: 'ProgramLimitError',
      facts: { What: what, Value: value, Limit: limit },
      remedy: 'Build a smaller program, or split its largest functions.',
    })
  }
}

/** Names come out of hostile files: no control characters, no flood. */
function quote(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}

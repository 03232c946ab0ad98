import { AssayError } from 'assay'

/** A tool that `assay build` needs is not there, or not all of it. */
export class BuildToolError extends AssayError {
  constructor(parameters: { tool: string; missing: string; lookedAt?: string; remedy: string }) {
    super('A tool for building is missing.', {
      name: 'BuildToolError',
      facts: { Tool: parameters.tool, Missing: parameters.missing, 'Looked at': parameters.lookedAt },
      remedy: parameters.remedy,
    })
  }
}

/** The compiler refuses the source. Its own words are in the message. */
export class CompilerError extends AssayError {
  constructor({ compiler, output }: { compiler: string; output: string }) {
    super('The compiler refuses the program.', {
      name: 'CompilerError',
      facts: { Compiler: compiler },
      remedy: shortened(output),
    })
  }
}

/** The file is a WebAssembly module that no engine would run. */
export class InvalidModuleError extends AssayError {
  constructor({ reason }: { reason: string }) {
    super('Module is not valid.', {
      name: 'InvalidModuleError',
      facts: { Reason: reason },
      remedy: 'Build it again; a linker or an optimiser has left a damaged module.',
    })
  }
}

/** A module imports what is neither of WASI preview 1 nor of the host interface. */
export class UnknownImportError extends AssayError {
  constructor({ imports }: { imports: readonly string[] }) {
    super('Program imports something that neither WASI nor Assay has.', {
      name: 'UnknownImportError',
      facts: { Imports: imports.join(', ') },
      remedy:
        'Define these in the program, or build it for WASI preview 1 (wasi_snapshot_preview1): no emscripten, no components, and nothing of JavaScript, which Math.random, Date and console of AssemblyScript call.',
    })
  }
}

/** A module imports a WASI function with another type than it has. */
export class WasiTypeError extends AssayError {
  constructor({ name, found, expected }: { name: string; found: string; expected: string }) {
    super('Program imports a WASI function with a wrong type.', {
      name: 'WasiTypeError',
      facts: { Function: name, Found: found, Expected: expected },
      remedy: 'Correct the declaration of the function in the program.',
    })
  }
}

/** A module wants threads. A task is one thread. */
export class ProgramThreadsError extends AssayError {
  constructor({ found }: { found: string }) {
    super('Program uses threads.', {
      name: 'ProgramThreadsError',
      facts: { Found: found },
      remedy: 'Build it for wasm32-wasi without threads (no -pthread, -mno-atomics).',
    })
  }
}

/** A WASI module that is no command: nothing says where to begin. */
export class NoStartError extends AssayError {
  constructor({ exports }: { exports: readonly string[] }) {
    super('Program has no _start.', {
      name: 'NoStartError',
      facts: { Exports: exports.length === 0 ? 'none' : exports.join(', ') },
      remedy: exports.includes('_initialize')
        ? 'This is a library (a WASI reactor): build a command, with a main function and without -mexec-model=reactor.'
        : 'Build a command with a main function, or export a function named run without parameters and results.',
    })
  }
}

/** The linker cannot join the program and the WASI functions. */
export class LinkError extends AssayError {
  constructor({ output }: { output: string }) {
    super('The WASI functions cannot be linked into the program.', {
      name: 'LinkError',
      facts: { Reason: shortened(output) },
      remedy: 'Build the program for WebAssembly 1.0 with few later features (-mcpu=mvp).',
    })
  }
}

/** Compilers can say a lot; the first errors matter. */
function shortened(output: string): string {
  const text = output.trim()
  return text.length > 8_000 ? `${text.slice(0, 8_000)}\n…` : text
}

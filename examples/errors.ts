/** What can go wrong on the host side of the examples. */
export class ExampleError extends Error {
  override name = 'ExampleError'
}

/** A rendered tile does not fit the picture. */
export class TileMismatchError extends ExampleError {
  override name = 'TileMismatchError'

  constructor({ index, bytes, expected }: { index: number; bytes: number; expected: number }) {
    super(
      `A rendered tile does not fit the picture.\n\nTile:     ${index}\nBytes:    ${bytes}\nExpected: ${expected}\nAssemble with the same sizes that the inputs were made with.`,
    )
  }
}

/** A program has no compiled module. */
export class ProgramNotBuiltError extends ExampleError {
  override name = 'ProgramNotBuiltError'

  constructor({ name, path, cause }: { name: string; path: string; cause: unknown }) {
    super(
      `An example program is not built.\n\nProgram: ${name}\nModule:  ${path}\nBuild the examples with \`node examples/build.ts\`.`,
      { cause },
    )
  }
}

/** The AssemblyScript compiler refused a program. */
export class ProgramBuildError extends ExampleError {
  override name = 'ProgramBuildError'

  constructor({ name, output, cause }: { name: string; output: string; cause: unknown }) {
    super(`An example program does not compile.\n\nProgram: ${name}\n${output.trim()}`, { cause })
  }
}

/** A task's output is not what the program writes. */
export class OutputFormatError extends ExampleError {
  override name = 'OutputFormatError'

  constructor({ program, index, reason }: { program: string; index: number; reason: string }) {
    super(`A task's output is malformed.\n\nProgram: ${program}\nTask:    ${index}\nReason:  ${reason}`)
  }
}

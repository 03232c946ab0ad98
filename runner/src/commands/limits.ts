const MIB = 2 ** 20

/** Bytes of a job's data beyond which `assay provide` passes over it, and `assay run` need not post it. */
export const dataLimits = {
  program: 16 * MIB,
  shared: 256 * MIB,
  /** All inputs of a job. */
  inputs: 256 * MIB,
  /** The input of one task; the executor's own limit. */
  input: 64 * MIB,
  /** The output of one task; the executor's own limit. */
  output: 64 * MIB,
} as const

/**
 * What parent and child say to each other over the child's stdin and stdout: `length u32 ‖ kind u8 ‖ payload`,
 * numbers little-endian, `length` counting the payload. A format this plain instead of Node's own messages, so
 * that bytes from a child that was taken over meet no deserializer in the parent, and because the child can
 * read and write it without an event loop. Part of the sandboxed child: no imports here.
 */

export const headerBytes = 5

/** Parent to child. */
export const order = {
  /** `no u32 ‖ fastLength u32 ‖ fast build ‖ precise build`: compile the first, keep both. */
  program: 1,
  /** `no u32 ‖ bytes`: keep as shared input. */
  shared: 2,
  /** `no u32`: forget this program. */
  dropProgram: 3,
  /** `no u32`: forget this shared input. */
  dropShared: 4,
  /** `id u32 ‖ program u32 ‖ shared u32 ‖ maxOutput u32 ‖ stepLimit u64 ‖ input`; shared 0 is none. */
  task: 5,
} as const

/** Child to parent: one answer for each program, shared input and task, in order. */
export const answer = {
  /** Nothing: the child is up. */
  ready: 1,
  /** `no u32 ‖ reason`: compiled, where the reason is empty. */
  program: 2,
  /** `no u32`. */
  shared: 3,
  /** `id u32 ‖ wall time in µs f64 ‖ steps u64 ‖ exitCode u32 ‖ output`. */
  halted: 4,
  /** `id u32 ‖ wall time in µs f64 ‖ steps u64 ‖ reason`. */
  trapped: 5,
  /** `id u32 ‖ wall time in µs f64 ‖ steps u64`, which are the limit. */
  outOfSteps: 6,
  /** `id u32 ‖ wall time in µs f64 ‖ 0 u64 ‖ reason`: no result. */
  failed: 7,
} as const

/** Bytes before input in an `order.task`. */
export const taskHeaderBytes = 24
/** Bytes before output in an `answer.halted`. */
export const haltedHeaderBytes = 24
/** Bytes before the reason in the other answers about a task. */
export const endedHeaderBytes = 20
/** A reason is cut to this many characters, so that an answer without output is never longer than 4 times this plus its header. */
export const maxReasonLength = 1_000

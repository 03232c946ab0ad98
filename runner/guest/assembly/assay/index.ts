// Guest library: what an AssemblyScript program needs to run as a task.
//
//   import { readInput, writeBytes } from "assay";
//   writeBytes(readInput());
//
// The statements outside of functions are the program: the compiler exports them as `run` (--exportStart run).
// Numbers in inputs and outputs are little-endian, the byte order of wasm memory.

/** Stream of the task's own input. */
export const TASK: i32 = 0;
/** Stream of the input that all tasks of a job share (size 0 when the job has none). */
export const SHARED: i32 = 1;

/** Bytes in a stream; 0 for streams that don't exist. */
// @ts-ignore: decorator
@external("assay", "input_size")
export declare function inputSize(stream: i32): i32;

/** Copies up to `len` bytes from `offset` of a stream to address `dst`; returns how many were there to copy. */
// @ts-ignore: decorator
@external("assay", "input_read")
export declare function inputRead(stream: i32, offset: i32, dst: usize, len: i32): i32;

/** Appends `len` bytes at address `src` to the output; traps beyond the job's output limit. */
// @ts-ignore: decorator
@external("assay", "output_write")
export declare function outputWrite(src: usize, len: i32): void;

/** Ends the task at once, from any depth; the output written so far is kept and `code` becomes its exit code. */
// @ts-ignore: decorator
@external("assay", "exit")
export declare function exit(code: i32): void;

/** A whole stream as bytes. */
export function readStream(stream: i32): StaticArray<u8> {
  const size = inputSize(stream);
  const bytes = new StaticArray<u8>(size);
  inputRead(stream, 0, changetype<usize>(bytes), size);
  return bytes;
}

/** The whole task input. */
export function readInput(): StaticArray<u8> {
  return readStream(TASK);
}

/** The whole shared input. */
export function readShared(): StaticArray<u8> {
  return readStream(SHARED);
}

/** Appends all of `bytes` to the output. */
export function writeBytes(bytes: StaticArray<u8>): void {
  outputWrite(changetype<usize>(bytes), bytes.length);
}

/** Reads numbers off bytes in order; reading past the end traps. */
export class Reader {
  private offset: i32 = 0;

  constructor(private readonly bytes: StaticArray<u8>) {}

  /** Bytes not read yet. */
  get left(): i32 {
    return this.bytes.length - this.offset;
  }

  u8(): u8 {
    return load<u8>(this.take(1));
  }

  u32(): u32 {
    return load<u32>(this.take(4));
  }

  u64(): u64 {
    return load<u64>(this.take(8));
  }

  f64(): f64 {
    return load<f64>(this.take(8));
  }

  private take(size: i32): usize {
    if (size > this.left) unreachable();
    const address = changetype<usize>(this.bytes) + this.offset;
    this.offset += size;
    return address;
  }
}

/** Collects output in a buffer of fixed size, so that small values don't cost a host call each. Call `flush` at the end. */
export class Writer {
  private readonly buffer: StaticArray<u8>;
  private used: i32 = 0;

  constructor(capacity: i32 = 4096) {
    this.buffer = new StaticArray<u8>(max(capacity, 8));
  }

  u8(value: u8): void {
    store<u8>(this.reserve(1), value);
  }

  u32(value: u32): void {
    store<u32>(this.reserve(4), value);
  }

  u64(value: u64): void {
    store<u64>(this.reserve(8), value);
  }

  f64(value: f64): void {
    store<f64>(this.reserve(8), value);
  }

  /** Copies `len` bytes at address `src`. */
  copy(src: usize, len: i32): void {
    if (len > this.buffer.length) {
      this.flush();
      outputWrite(src, len);
    } else {
      memory.copy(this.reserve(len), src, len);
    }
  }

  /** Hands what was collected to the host. */
  flush(): void {
    if (this.used > 0) outputWrite(changetype<usize>(this.buffer), this.used);
    this.used = 0;
  }

  private reserve(size: i32): usize {
    if (this.used + size > this.buffer.length) this.flush();
    const address = changetype<usize>(this.buffer) + this.used;
    this.used += size;
    return address;
  }
}

// The shared text, read a block at a time: a task that counts a small range should not pay for the whole text.

import { SHARED, inputRead } from "assay";

const BLOCK: u32 = 4096;
const block = memory.data(4096);

let blockStart: u32 = 0;
let blockSize: u32 = 0;

/** A byte of the text; 0, which separates words, behind its end. */
export function byteAt(at: u32): u32 {
  if (at - blockStart >= blockSize) {
    blockStart = at & ~(BLOCK - 1);
    blockSize = inputRead(SHARED, blockStart, block, BLOCK);
    if (at - blockStart >= blockSize) return 0;
  }
  return load<u8>(block + (at - blockStart));
}

export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

/** Bytes of the apostrophe at `at`; 0 if there is none. */
export function apostropheLength(at: u32): u32 {
  const byte = byteAt(at);
  if (byte == 0x27) return 1;
  return byte == 0xe2 && byteAt(at + 1) == 0x80 && byteAt(at + 2) == 0x99 ? 3 : 0;
}

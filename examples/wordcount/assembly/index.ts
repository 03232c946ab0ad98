// Word counts of a range of a large shared text.
//
// Input: start u32, end u32: a range of bytes of the shared input (UTF-8 text).
// Output: words u32, distinct words u32, then per distinct word, in order of appearance: count u32, length u32, bytes.
// Exit code 2: the input is not such a range.
//
// A word is a run of ASCII letters, in which single apostrophes (' or U+2019) may stand between letters; everything else
// separates. Capitals count as small letters, U+2019 as '. A word belongs to the range in which it starts, so the ranges of
// a split text count every word once, wherever the cuts fall.

import { Reader, SHARED, Writer, exit, inputSize, readInput } from "assay";
import { WordTable } from "./table";
import { apostropheLength, byteAt, isLetter } from "./text";

function main(): void {
  const input = readInput();
  if (input.length != 8) exit(2);
  const reader = new Reader(input);
  const start = reader.u32();
  const end = reader.u32();
  if (start > end || end > <u32>inputSize(SHARED)) exit(2);

  const table = new WordTable();
  let at = findSeparator(start);
  while (at < end) {
    if (isLetter(byteAt(at))) at = readWord(table, at, at >= start);
    else at++;
  }
  writeTable(table);
}

/** Goes back to where surely no word runs on into the range. */
function findSeparator(at: u32): u32 {
  while (at > 0 && mayBeInside(byteAt(at - 1))) at--;
  return at;
}

/** Letters, and all bytes of both apostrophes. */
function mayBeInside(byte: u32): bool {
  return isLetter(byte) || byte == 0x27 || byte == 0xe2 || byte == 0x80 || byte == 0x99;
}

/** Reads the word that starts at `at`, counts it if asked to; returns where it ends. */
function readWord(table: WordTable, at: u32, counts: bool): u32 {
  table.startWord();
  while (true) {
    const byte = byteAt(at);
    if (isLetter(byte)) {
      table.append(byte | 0x20);
      at++;
      continue;
    }
    const skip = apostropheLength(at);
    if (skip == 0 || !isLetter(byteAt(at + skip))) break;
    table.append(0x27);
    at += skip;
  }
  if (counts) table.countWord();
  return at;
}

function writeTable(table: WordTable): void {
  const writer = new Writer(65536);
  writer.u32(table.words);
  writer.u32(table.distinct);
  for (let i: u32 = 0; i < table.distinct; i++) {
    const length = table.lengthOf(i);
    writer.u32(table.countOf(i));
    writer.u32(length);
    writer.copy(table.addressOf(i), length);
  }
  writer.flush();
}

main();

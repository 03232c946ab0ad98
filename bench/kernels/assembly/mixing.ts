// Mixes 64-bit numbers n times. Input: n u32. Output: the last number, u64.

import { TASK, inputRead, outputWrite } from "assay";
import { mix64 } from "assay/random";

const buffer = memory.data(8, 8);

function main(): void {
  inputRead(TASK, 0, buffer, 4);
  const n = load<u32>(buffer);
  let hash: u64 = 0;
  for (let i: u32 = 0; i < n; i++) hash = mix64(hash + 0x9e3779b97f4a7c15 + u64(i));
  store<u64>(buffer, hash);
  outputWrite(buffer, 8);
}

main();

// The smallest useful task: up to 64 bytes in, a 64-bit hash of them out. Measures everything around the execution.

import { TASK, exit, inputRead, inputSize, outputWrite } from "assay";
import { mix64 } from "assay/random";

const LIMIT = 64;
const buffer = memory.data(LIMIT, 8);

function main(): void {
  const size = inputSize(TASK);
  if (size > LIMIT) exit(1);
  inputRead(TASK, 0, buffer, size);
  let hash: u64 = size;
  // The buffer starts zeroed, so the last word is the rest of the input and zeros.
  for (let at = 0; at < size; at += 8) {
    hash = mix64(hash + 0x9e3779b97f4a7c15 + load<u64>(buffer + at));
  }
  store<u64>(buffer, mix64(hash));
  outputWrite(buffer, 8);
}

main();

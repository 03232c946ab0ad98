// Fibonacci numbers by recursive calls. Input: n u32. Output: the n-th, u32.

import { TASK, inputRead, outputWrite } from "assay";

const buffer = memory.data(4, 4);

function fibonacci(n: u32): u32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

function main(): void {
  inputRead(TASK, 0, buffer, 4);
  store<u32>(buffer, fibonacci(load<u32>(buffer)));
  outputWrite(buffer, 4);
}

main();

// Misbehaves on request, to see that nothing around it does. The first input byte picks the fault, a u32 behind it the amount.

import { Reader, exit, outputWrite, readInput } from "assay";

const CHUNK = 65536;
const chunk = memory.data(CHUNK, 16);

function main(): void {
  const input = readInput();
  if (input.length == 0) exit(255);
  const reader = new Reader(input);
  const fault = reader.u8();
  const amount = reader.left >= 4 ? reader.u32() : 0;
  switch (fault) {
    case 0: // well-behaved: echoes the whole input
      outputWrite(changetype<usize>(input), input.length);
      break;
    case 1: // a trap
      unreachable();
      break;
    case 2: // never ends
      loop();
      break;
    case 3: // exits with code `amount`, below a pile of calls and after some output
      outputWrite(changetype<usize>(input), 1);
      exitAtDepth(100, amount);
      break;
    case 4: // writes `amount` bytes, which may be more than allowed
      write(amount);
      break;
    case 5: // grows memory by `amount` pages, touches the last byte, writes what memory.grow returned
      grow(amount);
      break;
    case 6: // hands the host an address outside memory
      outputWrite(0xffffff00, 1024);
      break;
    case 7: // integer division by zero
      store<u32>(chunk, 1 / amount);
      outputWrite(chunk, 4);
      break;
    case 8: // recursion without end
      store<u32>(chunk, recurse(amount));
      outputWrite(chunk, 4);
      break;
    default:
      exit(255);
  }
}

function loop(): void {
  while (true) store<u32>(chunk, load<u32>(chunk) + 1);
}

function exitAtDepth(depth: i32, code: u32): void {
  if (depth > 0) exitAtDepth(depth - 1, code);
  else exit(code);
  unreachable();
}

function write(amount: u32): void {
  while (amount > 0) {
    const size = min<u32>(amount, CHUNK);
    outputWrite(chunk, size);
    amount -= size;
  }
}

function grow(pages: u32): void {
  const before = memory.grow(pages);
  if (before >= 0 && pages > 0) store<u8>((<usize>memory.size() << 16) - 1, 1);
  store<i32>(chunk, before);
  outputWrite(chunk, 4);
}

function recurse(n: u32): u32 {
  return recurse(n + 1) + load<u32>(chunk);
}

main();

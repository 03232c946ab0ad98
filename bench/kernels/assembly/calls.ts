import { finish, size } from './host'

function fibonacci(n: u32): u32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}

/** The n-th Fibonacci number, by recursion. */
export function run(): void {
  finish(fibonacci(size()))
}

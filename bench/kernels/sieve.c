/* Primes below n by the sieve of Eratosthenes. Input: n u32 (at most 4,000,000). Output: how many, u32. */

#include "../../runner/guest/assay.h"

#define LIMIT 4000000

static unsigned char composite[LIMIT];

ASSAY_ENTRY void run(void) {
  unsigned n = 0, count = 0;
  assay_input_read(ASSAY_TASK, 0, &n, sizeof n);
  if (n > LIMIT) assay_exit(2);
  for (unsigned i = 2; i < n; i++) {
    if (composite[i]) continue;
    count++;
    for (unsigned j = 2 * i; j < n; j += i) composite[j] = 1;
  }
  assay_output_write(&count, sizeof count);
}

/* Counts the primes of a range: input two u32 (from, to), output one u32. Tasks are the parts of a larger range. */

#include "assay.h"

static int is_prime(unsigned n) {
  if (n < 4) return n > 1;
  if (n % 2 == 0) return 0;
  for (unsigned d = 3; d <= n / d; d += 2) {
    if (n % d == 0) return 0;
  }
  return 1;
}

ASSAY_ENTRY void run(void) {
  unsigned range[2];
  if (assay_input_size(ASSAY_TASK) != sizeof range) assay_exit(2);
  assay_input_read(ASSAY_TASK, 0, range, sizeof range);
  unsigned count = 0;
  for (unsigned n = range[0]; n < range[1]; n++) count += is_prime(n);
  assay_output_write(&count, sizeof count);
}

/* Product of two n × n matrices of 32-bit integers. Input: n u32 (at most 256). Output: sum of all entries, u32. */

#include "../../runner/guest/assay.h"

#define LIMIT 256

static int a[LIMIT * LIMIT], b[LIMIT * LIMIT], c[LIMIT * LIMIT];

ASSAY_ENTRY void run(void) {
  unsigned n = 0, sum = 0;
  assay_input_read(ASSAY_TASK, 0, &n, sizeof n);
  if (n > LIMIT) assay_exit(2);
  for (unsigned i = 0; i < n * n; i++) {
    a[i] = i * 7 + 1;
    b[i] = i * 13 + 5;
  }
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < n; j++) {
      int entry = 0;
      for (unsigned k = 0; k < n; k++) entry += a[i * n + k] * b[k * n + j];
      c[i * n + j] = entry;
      sum += entry;
    }
  assay_output_write(&sum, sizeof sum);
}

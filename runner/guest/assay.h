/*
 * The host interface for C programs: all that a task can see or do.
 *
 *   #include "assay.h"
 *
 *   ASSAY_ENTRY void run(void) {
 *     static unsigned char input[64];
 *     int size = assay_input_read(ASSAY_TASK, 0, input, sizeof input);
 *     assay_output_write(input, size);
 *   }
 *
 * `assay build x.c --freestanding` compiles it without a C library, `assay build x.c` with one and with WASI.
 */
#ifndef ASSAY_H
#define ASSAY_H

#define ASSAY_IMPORT(name) __attribute__((import_module("assay"), import_name(name)))

/** Stands before the entry of the program, `void run(void)`. */
#define ASSAY_ENTRY __attribute__((export_name("run")))

/** The task's own input, and the input that all tasks of a job share (size 0 when the job has none). */
enum { ASSAY_TASK = 0, ASSAY_SHARED = 1 };

/** Bytes in a stream; 0 for streams that don't exist. */
ASSAY_IMPORT("input_size") int assay_input_size(int stream);

/** Copies up to `len` bytes from `offset` of a stream to `dst`; returns how many were there to copy. */
ASSAY_IMPORT("input_read") int assay_input_read(int stream, int offset, void *dst, int len);

/** Appends `len` bytes at `src` to the output; traps beyond the job's output limit. */
ASSAY_IMPORT("output_write") void assay_output_write(const void *src, int len);

/** Ends the task at once, from any depth; the output written so far is kept and `code` becomes its exit code. */
ASSAY_IMPORT("exit") __attribute__((noreturn)) void assay_exit(int code);

#endif

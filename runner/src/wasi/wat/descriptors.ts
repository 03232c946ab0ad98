import { errno } from '../functions.ts'
import type { WatFunctions } from './types.ts'

/**
 * Descriptors. 0 is the task's input and 3 the shared input, files to be read and sought in; 1 is the output and
 * 2 a sink, which are neither files nor terminals.
 */
export const descriptorState = `
  (global $open (mut i32) (i32.const 0xf)) ;; bit n: descriptor n is open
  (global $at0 (mut i32) (i32.const 0))    ;; positions in the two inputs
  (global $at3 (mut i32) (i32.const 0))

  (func $is_open (param $fd i32) (result i32)
    (i32.and
      (i32.le_u (local.get $fd) (i32.const 3)) ;; shifts count modulo 32
      (i32.shr_u (global.get $open) (local.get $fd))))

  (func $is_input (param $fd i32) (result i32)
    (i32.or (i32.eqz (local.get $fd)) (i32.eq (local.get $fd) (i32.const 3))))

  (func $stream (param $fd i32) (result i32) ;; 0 of 0, 1 of 3
    (i32.shr_u (local.get $fd) (i32.const 1)))

  (func $size (param $fd i32) (result i32)
    (call $input_size (call $stream (local.get $fd))))

  (func $at (param $fd i32) (result i32)
    (select (global.get $at3) (global.get $at0) (local.get $fd)))

  (func $set_at (param $fd i32) (param $at i32)
    (if (local.get $fd)
      (then (global.set $at3 (local.get $at)))
      (else (global.set $at0 (local.get $at)))))

  ;; The error of using a descriptor for what it cannot do.
  (func $refuse (param $fd i32) (param $error i32) (result i32)
    (select (local.get $error) (i32.const ${errno.badf}) (call $is_open (local.get $fd))))

  ;; The error of reading or writing a descriptor, 0 if there is none.
  (func $access (param $fd i32) (param $reads i32) (result i32)
    (call $refuse (local.get $fd)
      (select (i32.const ${errno.success}) (i32.const ${errno.notcapable})
        (i32.eq (call $is_input (local.get $fd)) (local.get $reads)))))

  ;; Fills the vectors from a position on, up to the end of the input.
  (func $fill (param $fd i32) (param $vector i32) (param $count i32) (param $at i32) (result i32)
    (local $wanted i32) (local $got i32) (local $total i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $wanted (i32.load offset=4 (local.get $vector)))
        (local.set $got
          (call $input_read
            (call $stream (local.get $fd))
            (i32.add (local.get $at) (local.get $total))
            (i32.load (local.get $vector))
            (local.get $wanted)))
        (local.set $total (i32.add (local.get $total) (local.get $got)))
        (br_if $done (i32.ne (local.get $got) (local.get $wanted)))
        (local.set $vector (i32.add (local.get $vector) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $total))`

const isOpen = '(call $refuse (local.get $fd) (i32.const 0))'

export const descriptorFunctions: WatFunctions = {
  fd_read: `(param $fd i32) (param $vector i32) (param $count i32) (param $result i32) (result i32)
    (local $error i32) (local $got i32)
    (local.set $error (call $access (local.get $fd) (i32.const 1)))
    (if (local.get $error) (then (return (local.get $error))))
    (local.set $got
      (call $fill (local.get $fd) (local.get $vector) (local.get $count) (call $at (local.get $fd))))
    (i32.store (local.get $result) (local.get $got))
    (call $set_at (local.get $fd) (i32.add (call $at (local.get $fd)) (local.get $got)))
    (i32.const 0)`,

  // No input reaches the last position, so that it stands for all beyond.
  fd_pread: `(param $fd i32) (param $vector i32) (param $count i32) (param $at i64) (param $result i32) (result i32)
    (local $error i32)
    (local.set $error (call $access (local.get $fd) (i32.const 1)))
    (if (local.get $error) (then (return (local.get $error))))
    (i32.store (local.get $result)
      (call $fill (local.get $fd) (local.get $vector) (local.get $count)
        (select (i32.wrap_i64 (local.get $at)) (i32.const -1)
          (i64.lt_u (local.get $at) (i64.const 0xffffffff)))))
    (i32.const 0)`,

  // What goes to the sink must lie in the memory all the same.
  fd_write: `(param $fd i32) (param $vector i32) (param $count i32) (param $result i32) (result i32)
    (local $error i32) (local $src i32) (local $length i32) (local $total i64)
    (local.set $error (call $access (local.get $fd) (i32.const 0)))
    (if (local.get $error) (then (return (local.get $error))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $src (i32.load (local.get $vector)))
        (local.set $length (i32.load offset=4 (local.get $vector)))
        (if (i32.eq (local.get $fd) (i32.const 1))
          (then (call $output_write (local.get $src) (local.get $length)))
          (else
            (if (i64.gt_u
                (i64.add (i64.extend_i32_u (local.get $src)) (i64.extend_i32_u (local.get $length)))
                (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
              (then (unreachable)))))
        (local.set $total (i64.add (local.get $total) (i64.extend_i32_u (local.get $length))))
        (local.set $vector (i32.add (local.get $vector) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (if (i64.gt_u (local.get $total) (i64.const 0xffffffff)) (then (return (i32.const ${errno.inval}))))
    (i32.store (local.get $result) (i32.wrap_i64 (local.get $total)))
    (i32.const 0)`,

  fd_pwrite: `(param $fd i32) (param i32) (param i32) (param i64) (param i32) (result i32)
    (call $refuse (local.get $fd)
      (select (i32.const ${errno.notcapable}) (i32.const ${errno.spipe}) (call $is_input (local.get $fd))))`,

  fd_seek: `(param $fd i32) (param $offset i64) (param $from i32) (param $result i32) (result i32)
    (local $error i32) (local $at i64)
    (local.set $error
      (call $refuse (local.get $fd)
        (select (i32.const 0) (i32.const ${errno.spipe}) (call $is_input (local.get $fd)))))
    (if (local.get $error) (then (return (local.get $error))))
    (if (i32.gt_u (local.get $from) (i32.const 2)) (then (return (i32.const ${errno.inval}))))
    (if (i32.eq (local.get $from) (i32.const 1))
      (then (local.set $at (i64.extend_i32_u (call $at (local.get $fd))))))
    (if (i32.eq (local.get $from) (i32.const 2))
      (then (local.set $at (i64.extend_i32_u (call $size (local.get $fd))))))
    (local.set $at (i64.add (local.get $at) (local.get $offset)))
    (if (i64.gt_u (local.get $at) (i64.const 0xffffffff)) (then (return (i32.const ${errno.inval}))))
    (i64.store (local.get $result) (local.get $at))
    (call $set_at (local.get $fd) (i32.wrap_i64 (local.get $at)))
    (i32.const 0)`,

  fd_tell: `(param $fd i32) (param $result i32) (result i32)
    (local $error i32)
    (local.set $error
      (call $refuse (local.get $fd)
        (select (i32.const 0) (i32.const ${errno.spipe}) (call $is_input (local.get $fd)))))
    (if (local.get $error) (then (return (local.get $error))))
    (i64.store (local.get $result) (i64.extend_i32_u (call $at (local.get $fd))))
    (i32.const 0)`,

  fd_close: `(param $fd i32) (result i32)
    (if (i32.eqz (call $is_open (local.get $fd)))
      (then (return (i32.const ${errno.badf}))))
    (global.set $open (i32.xor (global.get $open) (i32.shl (i32.const 1) (local.get $fd))))
    (i32.const 0)`,

  fd_renumber: `(param $fd i32) (param $to i32) (result i32)
    (local $error i32)
    (local.set $error ${isOpen})
    (if (local.get $error) (then (return (local.get $error))))
    (if (i32.eq (local.get $fd) (local.get $to)) (then (return (i32.const 0))))
    (call $refuse (local.get $to) (i32.const ${errno.notsup}))`,

  // Type (regular file or unknown) and rights: read, seek, tell, filestat, poll; or write, filestat, poll.
  fd_fdstat_get: `(param $fd i32) (param $result i32) (result i32)
    (local $error i32)
    (local.set $error ${isOpen})
    (if (local.get $error) (then (return (local.get $error))))
    (i64.store (local.get $result)
      (select (i64.const 4) (i64.const 0) (call $is_input (local.get $fd))))
    (i64.store offset=8 (local.get $result)
      (select (i64.const 0x8200026) (i64.const 0x8200040) (call $is_input (local.get $fd))))
    (i64.store offset=16 (local.get $result) (i64.const 0))
    (i32.const 0)`,

  // Device 0, inode = descriptor, one link, the size of an input, all times 0.
  fd_filestat_get: `(param $fd i32) (param $result i32) (result i32)
    (local $error i32) (local $input i32)
    (local.set $error ${isOpen})
    (if (local.get $error) (then (return (local.get $error))))
    (local.set $input (call $is_input (local.get $fd)))
    (i64.store (local.get $result) (i64.const 0))
    (i64.store offset=8 (local.get $result) (i64.extend_i32_u (local.get $fd)))
    (i64.store offset=16 (local.get $result) (select (i64.const 4) (i64.const 0) (local.get $input)))
    (i64.store offset=24 (local.get $result) (i64.const 1))
    (i64.store offset=32 (local.get $result) (i64.const 0))
    (if (local.get $input)
      (then (i64.store offset=32 (local.get $result) (i64.extend_i32_u (call $size (local.get $fd))))))
    (i64.store offset=40 (local.get $result) (i64.const 0))
    (i64.store offset=48 (local.get $result) (i64.const 0))
    (i64.store offset=56 (local.get $result) (i64.const 0))
    (i32.const 0)`,

  fd_advise: `(param $fd i32) (param i64) (param i64) (param i32) (result i32)
    (call $refuse (local.get $fd)
      (select (i32.const 0) (i32.const ${errno.spipe}) (call $is_input (local.get $fd))))`,
  fd_datasync: `(param $fd i32) (result i32) ${isOpen}`,
  fd_sync: `(param $fd i32) (result i32) ${isOpen}`,

  // No directory was opened beforehand: programs ask from 3 on, and stop at this.
  fd_prestat_get: `(param i32) (param i32) (result i32) (i32.const ${errno.badf})`,
  fd_prestat_dir_name: `(param i32) (param i32) (param i32) (result i32) (i32.const ${errno.badf})`,
}

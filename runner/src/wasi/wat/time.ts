import { errno } from '../functions.ts'
import type { WatFunctions } from './types.ts'

/** Nanoseconds by which each reading moves the clock, which is its resolution as well. */
export const clockStep = 1_000_000n

/** What the realtime clock shows at first: 1 January 2000, in nanoseconds of unix time. */
export const clockEpoch = 946_684_800_000_000_000n

/** No sleep lasts longer, so that the clock goes on after it and does not wrap around: 292 years. */
export const endOfTime = 2n ** 63n - 1n

/**
 * One virtual clock for all four clock ids. It stands still but for being read, which takes a millisecond, and for
 * sleeping, which takes the time slept and no wall time.
 */
export const timeState = `
  (global $now (mut i64) (i64.const 0)) ;; nanoseconds since the task began

  ;; When a subscription to a clock is due. Relative ones count from $now.
  (func $deadline (param $subscription i32) (param $now i64) (result i64)
    (local $time i64) (local $base i64)
    (local.set $time (i64.load offset=24 (local.get $subscription)))
    (if (i32.and (i32.load16_u offset=40 (local.get $subscription)) (i32.const 1))
      (then
        (if (i32.eqz (i32.load offset=16 (local.get $subscription)))
          (then (local.set $base (i64.const ${clockEpoch}))))
        (local.set $time (select (i64.sub (local.get $time) (local.get $base)) (i64.const 0)
          (i64.gt_u (local.get $time) (local.get $base)))))
      (else
        (local.set $time (i64.add (local.get $now) (local.get $time)))
        (if (i64.lt_u (local.get $time) (local.get $now)) (then (local.set $time (i64.const -1))))))
    (select (local.get $time) (i64.const ${endOfTime}) (i64.lt_u (local.get $time) (i64.const ${endOfTime}))))

  ;; Writes the event of a subscription if it has happened; returns whether it has.
  (func $poll (param $p i32) (param $out i32) (param $start i64) (result i32)
    (local $kind i32) (local $id i32) (local $error i32)
    (local.set $kind (i32.load8_u offset=8 (local.get $p)))
    (local.set $id (i32.load offset=16 (local.get $p)))
    (if (local.get $kind)
      (then (local.set $error (call $access (local.get $id) (i32.eq (local.get $kind) (i32.const 1)))))
      (else
        (if (i32.gt_u (local.get $id) (i32.const 3))
          (then (local.set $error (i32.const ${errno.inval})))
          (else
            (if (i64.gt_u (call $deadline (local.get $p) (local.get $start)) (global.get $now))
              (then (return (i32.const 0))))))))
    (i64.store (local.get $out) (i64.load (local.get $p)))
    (i64.store offset=8 (local.get $out) (i64.extend_i32_u (local.get $error)))
    (i32.store8 offset=10 (local.get $out) (local.get $kind))
    (i64.store offset=16 (local.get $out) (i64.const 0))
    (i64.store offset=24 (local.get $out) (i64.const 0))
    (if (i32.and (i32.eq (local.get $kind) (i32.const 1)) (i32.eqz (local.get $error)))
      (then
        (if (i32.lt_u (call $at (local.get $id)) (call $size (local.get $id)))
          (then (i64.store offset=16 (local.get $out)
            (i64.extend_i32_u (i32.sub (call $size (local.get $id)) (call $at (local.get $id)))))))))
    (i32.const 1))`

/**
 * `poll_oneoff`: descriptors are always ready. If there are none among the subscriptions, the clock moves to the
 * first deadline; what is due then has happened. A subscription has 48 bytes: user data at 0, kind at 8 (0 clock,
 * 1 read, 2 write), descriptor or clock id at 16, time at 24, flags at 40. An event has 32: user data at 0,
 * error at 8, kind at 10, bytes that can be read at 16, flags at 24.
 */
const pollOneoff = `(param $in i32) (param $out i32) (param $count i32) (param $result i32) (result i32)
    (local $start i64) (local $first i64) (local $due i64) (local $ready i32) (local $kind i32)
    (local $p i32) (local $left i32) (local $events i32)
    (if (i32.eqz (local.get $count)) (then (return (i32.const ${errno.inval}))))
    (local.set $start (global.get $now))
    (local.set $first (i64.const -1))
    (local.set $p (local.get $in))
    (local.set $left (local.get $count))
    (loop $next
      (local.set $kind (i32.load8_u offset=8 (local.get $p)))
      (if (i32.gt_u (local.get $kind) (i32.const 2)) (then (return (i32.const ${errno.inval}))))
      (if (i32.or (local.get $kind) (i32.gt_u (i32.load offset=16 (local.get $p)) (i32.const 3)))
        (then (local.set $ready (i32.const 1)))
        (else
          (local.set $due (call $deadline (local.get $p) (local.get $start)))
          (if (i64.lt_u (local.get $due) (local.get $first)) (then (local.set $first (local.get $due))))))
      (local.set $p (i32.add (local.get $p) (i32.const 48)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (if (i32.and (i32.eqz (local.get $ready)) (i64.gt_u (local.get $first) (global.get $now)))
      (then (global.set $now (local.get $first))))
    (local.set $p (local.get $in))
    (local.set $left (local.get $count))
    (loop $next
      (if (call $poll (local.get $p) (local.get $out) (local.get $start))
        (then
          (local.set $out (i32.add (local.get $out) (i32.const 32)))
          (local.set $events (i32.add (local.get $events) (i32.const 1)))))
      (local.set $p (i32.add (local.get $p) (i32.const 48)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.store (local.get $result) (local.get $events))
    (i32.const 0)`

export const timeFunctions: WatFunctions = {
  clock_res_get: `(param $clock i32) (param $result i32) (result i32)
    (if (i32.gt_u (local.get $clock) (i32.const 3)) (then (return (i32.const ${errno.inval}))))
    (i64.store (local.get $result) (i64.const ${clockStep}))
    (i32.const 0)`,

  clock_time_get: `(param $clock i32) (param $precision i64) (param $result i32) (result i32)
    (if (i32.gt_u (local.get $clock) (i32.const 3)) (then (return (i32.const ${errno.inval}))))
    (global.set $now (i64.add (global.get $now) (i64.const ${clockStep})))
    (i64.store (local.get $result)
      (select (global.get $now) (i64.add (global.get $now) (i64.const ${clockEpoch})) (local.get $clock)))
    (i32.const 0)`,

  poll_oneoff: pollOneoff,
}

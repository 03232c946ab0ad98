/** Module name under which programs import WASI. */
export const wasiModule = 'wasi_snapshot_preview1'

/**
 * Every function of WASI preview 1 with its type: parameters, `>`, results; `i` is i32 and `I` is i64.
 * Source: the interface's own definition, `wasi_snapshot_preview1.witx`.
 */
export const wasiFunctions = {
  args_get: 'ii>i',
  args_sizes_get: 'ii>i',
  environ_get: 'ii>i',
  environ_sizes_get: 'ii>i',
  clock_res_get: 'ii>i',
  clock_time_get: 'iIi>i',
  fd_advise: 'iIIi>i',
  fd_allocate: 'iII>i',
  fd_close: 'i>i',
  fd_datasync: 'i>i',
  fd_fdstat_get: 'ii>i',
  fd_fdstat_set_flags: 'ii>i',
  fd_fdstat_set_rights: 'iII>i',
  fd_filestat_get: 'ii>i',
  fd_filestat_set_size: 'iI>i',
  fd_filestat_set_times: 'iIIi>i',
  fd_pread: 'iiiIi>i',
  fd_prestat_dir_name: 'iii>i',
  fd_prestat_get: 'ii>i',
  fd_pwrite: 'iiiIi>i',
  fd_read: 'iiii>i',
  fd_readdir: 'iiiIi>i',
  fd_renumber: 'ii>i',
  fd_seek: 'iIii>i',
  fd_sync: 'i>i',
  fd_tell: 'ii>i',
  fd_write: 'iiii>i',
  path_create_directory: 'iii>i',
  path_filestat_get: 'iiiii>i',
  path_filestat_set_times: 'iiiiIIi>i',
  path_link: 'iiiiiii>i',
  path_open: 'iiiiiIIii>i',
  path_readlink: 'iiiiii>i',
  path_remove_directory: 'iii>i',
  path_rename: 'iiiiii>i',
  path_symlink: 'iiiii>i',
  path_unlink_file: 'iii>i',
  poll_oneoff: 'iiii>i',
  proc_exit: 'i>',
  proc_raise: 'i>i',
  random_get: 'ii>i',
  sched_yield: '>i',
  sock_accept: 'iii>i',
  sock_recv: 'iiiiii>i',
  sock_send: 'iiiii>i',
  sock_shutdown: 'ii>i',
} as const

export type WasiFunction = keyof typeof wasiFunctions

export function isWasiFunction(name: string): name is WasiFunction {
  return Object.hasOwn(wasiFunctions, name)
}

/** Numbers of the errors that the adapter returns. */
export const errno = {
  success: 0,
  badf: 8,
  inval: 28,
  nosys: 52,
  notdir: 54,
  notsock: 57,
  notsup: 58,
  spipe: 70,
  notcapable: 76,
} as const

/**
 * Functions that do nothing in a task: the error they return for a descriptor that is open. For one that is not,
 * all of them return `badf`. `descriptor` is the number of the parameter that holds it.
 */
export const refusedFunctions: Partial<Record<WasiFunction, { error: number; descriptor: number }>> = {
  fd_allocate: { error: errno.notcapable, descriptor: 0 },
  fd_fdstat_set_flags: { error: errno.notcapable, descriptor: 0 },
  fd_fdstat_set_rights: { error: errno.notcapable, descriptor: 0 },
  fd_filestat_set_size: { error: errno.notcapable, descriptor: 0 },
  fd_filestat_set_times: { error: errno.notcapable, descriptor: 0 },
  fd_readdir: { error: errno.notdir, descriptor: 0 },
  path_create_directory: { error: errno.notdir, descriptor: 0 },
  path_filestat_get: { error: errno.notdir, descriptor: 0 },
  path_filestat_set_times: { error: errno.notdir, descriptor: 0 },
  path_link: { error: errno.notdir, descriptor: 0 },
  path_open: { error: errno.notdir, descriptor: 0 },
  path_readlink: { error: errno.notdir, descriptor: 0 },
  path_remove_directory: { error: errno.notdir, descriptor: 0 },
  path_rename: { error: errno.notdir, descriptor: 0 },
  path_symlink: { error: errno.notdir, descriptor: 2 },
  path_unlink_file: { error: errno.notdir, descriptor: 0 },
  sock_accept: { error: errno.notsock, descriptor: 0 },
  sock_recv: { error: errno.notsock, descriptor: 0 },
  sock_send: { error: errno.notsock, descriptor: 0 },
  sock_shutdown: { error: errno.notsock, descriptor: 0 },
}

/** Whether a program that imports this function asks for something that a task does not have. */
export function isRefused(name: WasiFunction): boolean {
  return refusedFunctions[name] !== undefined || name === 'proc_raise'
}

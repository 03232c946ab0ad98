/** What a machine offers to each job, or what a job needs. */
export type Resources = {
  /** CPU cores, at most 255. */
  cores: number
  /** Memory in MiB; kept on-chain in steps of 256 MiB, rounded up. */
  memoryMiB: number
  /** Disk in GiB, at most 4,095. */
  diskGiB: number
}

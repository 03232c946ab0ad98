/** What a compiler made of sources. */
export type Compiled = {
  bytes: Uint8Array
  /** Its name and version. */
  compiler: string
  /** What it said, if anything. */
  warnings: string
}

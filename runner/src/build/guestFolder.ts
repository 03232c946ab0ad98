import { fileURLToPath } from 'node:url'

/** Folder of what programs may include or import: `assay.h`, and the AssemblyScript library `assay`. */
export const guestFolder = fileURLToPath(new URL('../../guest', import.meta.url))

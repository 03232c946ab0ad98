import { AssayError, type ContentKind } from 'assay'
import type { Hex } from 'viem'

/**
 * A file of the store does not hold what its name says. It was moved aside, so the content counts as missing from
 * now on and can be put anew.
 */
export class CorruptStoreFileError extends AssayError {
  override readonly retryable = true

  constructor(args: { path: string; movedTo: string; expected: Hex; got: string }) {
    super('A file of the content store is corrupt.', {
      name: 'CorruptStoreFileError',
      facts: { File: args.path, Expected: args.expected, Got: args.got, 'Moved to': args.movedTo },
      remedy: 'Put the content again. If this happens often, check the disk.',
    })
  }
}

/** The folder of the store cannot be used. */
export class StoreFolderError extends AssayError {
  constructor({ folder, cause }: { folder: string; cause: unknown }) {
    super('Folder of the content store cannot be used.', {
      name: 'StoreFolderError',
      facts: { Folder: folder },
      remedy: 'Check that the folder can be written and that the disk is not full, or choose another one.',
      cause,
    })
  }
}

/** What was to be stored is not what its key says. Nothing was kept. */
export class UploadMismatchError extends AssayError {
  constructor(args: { kind: ContentKind; expected: Hex; got: string; cause?: unknown }) {
    super('Uploaded bytes do not have the key they were uploaded for.', {
      name: 'UploadMismatchError',
      facts: { Kind: args.kind, Expected: args.expected, Got: args.got },
      remedy: 'Compute the key from the bytes, and check that nothing changes them on the way.',
      cause: args.cause,
    })
  }
}

/** What was to be stored is longer than the store takes. Nothing was kept. */
export class UploadTooLargeError extends AssayError {
  constructor({ maxLength }: { maxLength: number }) {
    super('Upload is larger than this store takes.', {
      name: 'UploadTooLargeError',
      facts: { Limit: `${maxLength} bytes` },
      remedy: 'Split the data, or raise the limit of the store.',
    })
  }
}

/** A served file ended before the length that was announced. */
export class SourceLengthError extends AssayError {
  constructor({ expected, got }: { expected: number; got: number }) {
    super('A file changed while it was served.', {
      name: 'SourceLengthError',
      facts: { Expected: `${expected} bytes`, Got: `${got} bytes` },
      remedy: 'Leave the files of a store to the store.',
    })
  }
}

/** Another program listens where the store should. */
export class PortInUseError extends AssayError {
  readonly port: number

  constructor({ host, port, cause }: { host: string; port: number; cause?: unknown }) {
    super('Port is already in use.', {
      name: 'PortInUseError',
      facts: { Address: `${host}:${port}` },
      remedy: 'Stop the program that listens there, or choose another port (0 takes any that is free).',
      cause,
    })
    this.port = port
  }
}

/** The store cannot listen where it should. */
export class ListenError extends AssayError {
  constructor({ host, port, cause }: { host: string; port: number; cause: unknown }) {
    super('Server cannot listen at this address.', {
      name: 'ListenError',
      facts: { Address: `${host}:${port}` },
      remedy: 'Choose an address of this machine and a port that this user may listen on.',
      cause,
    })
  }
}

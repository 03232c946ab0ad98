export { jobKeyBytes, type KeyUse, Sealer, sealBytes } from './aead.ts'
export { parsePrivateDataUri, privateDataUri } from './dataUri.ts'
export { openInputs, type SealedInputs, sealInputs } from './inputs.ts'
export {
  createEncryptionKeyPair,
  type EncryptionKeyPair,
  encryptionKeyOf,
  type JobKeyBinding,
  unwrapJobKey,
  wrapJobKey,
  wrappedKeyBytes,
} from './jobKey.ts'
export { type KeyForProviderParameters, keyForProvider } from './keyForProvider.ts'
export { privateProgram, saltBytes } from './privateProgram.ts'
export { saltInput, unsaltOutput } from './salts.ts'

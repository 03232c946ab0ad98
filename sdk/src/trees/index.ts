export { maxTasks, treeDepth } from './binaryTree.ts'
export {
  ContentHasher,
  type ContentProof,
  type ContentRef,
  contentDepth,
  contentHash,
  contentProof,
  contentRef,
  contentRoot,
  emptyContent,
  emptyRoot,
  isContentLength,
  leafSize,
  maxContentLength,
  verifyContentLeaf,
} from './contentTree.ts'
export { type InputPack, packInputs, unpackInputs } from './inputPack.ts'
export { type InputsTree, inputLeaf, inputsRoot, inputsTree, verifyInput } from './inputsTree.ts'
export {
  type DataManifest,
  encodeManifest,
  manifestVersion,
  maxManifestLength,
  parseManifest,
} from './manifest.ts'
export {
  decodeLeaves,
  encodeLeaves,
  type LeafRow,
  leafRowSize,
  resultFault,
  type TaskResult,
  type TaskStatus,
} from './result.ts'
export {
  encodeResultProof,
  type ResultTree,
  resultCommitment,
  resultLeaf,
  resultTree,
  type SumNode,
  verifyResult,
} from './resultTree.ts'

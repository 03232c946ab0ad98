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
  emptyContentHash,
  emptyRoot,
  leafSize,
  maxContentLength,
  verifyContentLeaf,
} from './contentTree.ts'
export { type InputPack, packInputs, unpackInputs } from './inputPack.ts'
export { InputPackHasher, type InputPackName } from './inputPackHasher.ts'
export { type InputsTree, inputLeaf, inputsRoot, inputsTree, verifyInput } from './inputsTree.ts'
export {
  decodeLeaves,
  encodeLeaves,
  type LeafRow,
  leafRowSize,
  type ResultLimits,
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

/**
 * Where things stand in the fast machine's memory. Read by the machine (AssemblyScript) and by the class around it
 * (TypeScript): constants only, in the words that both languages have.
 *
 * A region takes address space; memory only as far as it is written. What the regions have to hold follows from the limits in
 * isa.ts: sdk/test/vm.fast.layout.test.ts checks that they do, and that none reaches into the next.
 */

/** Fields of 4 bytes of the machine's state, by their offset from `cells`. */
export const cells = 0x80000
/** Address of the record of the next instruction. */
export const cellPc = 0
/** Address of the current frame. */
export const cellFrame = 4
/** Address behind the newest link. */
export const cellLinks = 8
/** Slots left of the stack budget. */
export const cellStack = 12
/** Address that the pc would reach if all steps left went straight on. */
export const cellStop = 16
/** Memory: pages of 64 KiB now, and at most. */
export const cellPages = 20
export const cellMaxPages = 24
/** Bytes done of a repeating instruction. */
export const cellRep = 28
export const cellExitCode = 32
export const cellOutputLength = 36
/** The most bytes of output. */
export const cellOutputLimit = 40
/** 16 × the longest way without a jump. */
export const cellMargin = 44
/** Address of the record behind the last instruction. */
export const cellCodeEnd = 48
/** Where the program jumped to when it left the code, and how many bytes its frame has. */
export const cellWildPc = 52
export const cellWildFrame = 56
/** Bytes of the arguments that a program uses. */
export const cellArgs = 60
/** Lengths of the inputs. */
export const cellTaskLength = 64
export const cellSharedLength = 68
/** The most pages that the memory had: as many are in its tree. */
export const cellHighPages = 72
/** u64: steps done, for the state's hash. */
export const cellSteps = 80
/** Entries of the table. */
export const cellTable = 88
/** Bytes of all these fields, of which a snapshot is made. */
export const cellsSize = 92
/** 32 bytes each. */
export const cellJobHash = 96
export const cellHash = 128

/** u16: for each operation that covers two records, the one that covers the first. */
export const plainOperations = 0x81000
/** One page, through which the class hands over bytes that are to be hashed. */
export const scratchPage = 0x82000
/** 1,024 values of 8 bytes. */
export const globals = 0x84000
/** Constants that do not fit into a record: 16 bytes for each instruction. */
export const constants = 0x100000
/** 2^18 entries of 16 bytes: type, weight, address of the first record, pc. */
export const table = 0x1200000
/** Frames, each followed by the arguments of its calls, which become the next frame. */
export const frames = 0x1600000
export const framesEnd = 0x2400000
/** A frame and two records on which operands that are all constant are tried before the program begins. */
export const trialFrame = 0x2404000
export const trial = 0x29fff00
/** Links of 64 bytes: frame, return address, stack, result slot, whether hashed, hash at 32. */
export const links = 0x2408000
export const linksEnd = 0x29f0000
export const linkSize = 64
/** Records of 16 bytes: operation, d, a, b (u16), constant (u64). The one of whatever lies outside of the code traps. */
export const recordSize = 16
export const wild = 0x29ffff0
export const code = 0x2a00000
/** Nodes and flags of the trees over memory and output: 2^18 pages of 4 KiB each. */
export const treeLog = 18
export const memoryTree = 0x4000000
export const memoryFlags = 0x5000000
export const outputTree = 0x5100000
export const outputFlags = 0x6100000
/** The program's own memory; all before it is the module's initial memory. */
export const guest = 0x6400000

/** Why `run` came back. */
export const stopped = 0
export const halted = 1
/** The machine cannot go on: the host gives no more memory, or frames exceed what well-formed programs need. */
export const failed = 2
/** Trapped, by reason. */
export const trapUnreachable = 16
export const trapMemory = 17
export const trapDivideByZero = 18
export const trapOverflow = 19
export const trapNotANumber = 20
export const trapStack = 21
export const trapTableIndex = 22
export const trapNullEntry = 23
export const trapType = 24
export const trapOutput = 25
export const trapInstruction = 26

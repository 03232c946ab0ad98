/** The SDK for programs on Node: everything of the door for browsers; what needs files or processes is added here. */
export * from '../index.ts'

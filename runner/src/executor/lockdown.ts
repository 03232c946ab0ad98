import { registerHooks } from 'node:module'

/** What Node itself needs of `process` to come to its end. */
const neededOfProcess = new Set(['emit', 'exit', 'exitCode', 'reallyExit', '_exiting', 'off', 'domain'])

/**
 * Takes away from this process what code in it could reach files, network, processes, clocks or randomness
 * with. Programs have no way to JavaScript at all; this is for the day on which one finds a way. From here on
 * nothing can be imported, and there are no globals but `WebAssembly` and the constants of the language.
 */
export function lockDown(): void {
  const refuse = () => {
    throw 'sealed'
  }
  registerHooks({ resolve: refuse, load: refuse })
  const global = globalThis
  const { deleteProperty, defineProperty, getPrototypeOf, ownKeys } = Reflect
  const processes = [process, getPrototypeOf(process) as object]
  // Never looks at what it removes: some of Node's globals load their implementation when looked at.
  const remove = (target: object, name: string | symbol) => {
    if (!deleteProperty(target, name)) defineProperty(target, name, { value: undefined })
  }
  for (const target of processes)
    for (const name of ownKeys(target)) if (!neededOfProcess.has(name as string)) remove(target, name)
  for (const name of ownKeys(global)) if (name !== 'WebAssembly') remove(global, name)
}

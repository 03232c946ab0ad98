// Proves one contract in a thread of its own, since the compiler waits for its solver.

import { parentPort, workerData } from 'node:worker_threads'
import { prove } from './prove.ts'
import { solve } from './z3.ts'

const { root, file, seconds } = workerData as { root: string; file: string; seconds: number }
parentPort?.postMessage(prove(root, file, (query) => solve(query, seconds)))

import { parentPort, workerData } from 'node:worker_threads'
import { checkDefinition } from './check-definition.js'

// Entry of the worker thread of check-isolated.ts: one source in, one report out.
parentPort?.postMessage(checkDefinition((workerData as { source: string }).source))

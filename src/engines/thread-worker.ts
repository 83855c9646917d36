import { readlinkSync } from 'node:fs'
import { inspect } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { ThreadMessage, ThreadTask } from './thread-messages.js'
import { cpuSecondsOf } from './thread-usage.js'

// Entry of the worker threads of thread.ts: one function is called, and what comes of it is told.
const { file, exported, input, scope, tellMs } = workerData as ThreadTask
const port = parentPort as MessagePort
const stop = new AbortController()

const thread = threadOf()
const tell = (message: ThreadMessage) => port.postMessage(message)
const tellUsed = () => {
  const memoryBytes = getHeapStatistics().used_heap_size
  tell({ kind: 'USED', memoryBytes, cpuSeconds: thread === null ? null : cpuSecondsOf(thread) })
}

port.once('message', () => stop.abort())
// What the module leaves open keeps the thread alive; these do not.
port.unref()
setInterval(tellUsed, tellMs).unref()

tell({ kind: 'BEGAN', thread })
const end = await called().then(returned).catch(failed)
tellUsed()
tell(end)
// What it has written is on its way only when the streams are done with it.
process.stdout.end(() => process.stderr.end(() => process.exit()))

async function called(): Promise<unknown> {
  const module = (await import(file)) as Readonly<Record<string, unknown>>
  const found = module[exported]
  if (typeof found !== 'function') throw new TypeError(`The module exports no function ${exported}`)
  return found(input, { ...scope, signal: stop.signal })
}

function returned(value: unknown): ThreadMessage {
  try {
    return { kind: 'RETURNED', json: JSON.stringify(value) ?? '' }
  } catch (error) {
    throw new TypeError(`What the function returned is no JSON: ${(error as Error).message}`)
  }
}

function failed(error: unknown): ThreadMessage {
  process.stderr.write(`${inspect(error)}\n`)
  return { kind: 'FAILED', reason: error instanceof Error ? String(error) : `It threw ${inspect(error)}` }
}

function threadOf(): string | null {
  try {
    return `/proc/${readlinkSync('/proc/thread-self')}`
  } catch {
    return null
  }
}

import { Worker } from 'node:worker_threads'
import type { RejectionCode } from '../domain/rejection.js'
import { Slots } from '../platform/slots.js'
import { workerFile } from '../platform/worker-file.js'
import { checkDefinition } from './check-definition.js'
import type { DefinitionReport } from './definition-report.js'

/** Sources up to this many characters are checked at once, on the caller's thread: 60 ms, the first one 150 ms. */
const SMALL_SOURCE = 16_000
/** Patterns are the one thing that a short source can make costly: 0.1 s each. */
const PATTERN = /pattern|matches/i
/** Of one worker; the worst file found needs 700 MB. */
const MEMORY_MB = 1_024
/** Workers at a time in one process, and files that wait for their turn. */
const slots = new Slots(2, 50)

/**
 * `checkDefinition` that keeps the event loop free: a big source, or one with patterns, is checked in a worker thread with a memory limit,
 * and the worker is ended at the deadline (counted from its start). Answers TOO_LARGE then. Throws
 * TooManyWaitingError, and when the worker cannot run at all.
 */
export async function checkDefinitionIsolated(source: string, deadlineMs: number): Promise<DefinitionReport> {
  if (source.length <= SMALL_SOURCE && !PATTERN.test(source)) return checkDefinition(source)
  return slots.run(() => checkInWorker(source, deadlineMs))
}

function checkInWorker(source: string, deadlineMs: number): Promise<DefinitionReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile('definitions/check-worker'), {
      workerData: { source },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      execArgv: [],
    })
    let answer: DefinitionReport | null = null
    const deadline = setTimeout(() => {
      answer = refused(`takes longer than ${deadlineMs} ms to check`)
      void worker.terminate()
    }, deadlineMs)
    worker.once('message', (report: DefinitionReport) => {
      answer ??= report
    })
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') answer = refused(`takes more than ${MEMORY_MB} MB to check`)
      else reject(error)
    })
    // Not before: nothing of the worker is left then.
    worker.once('exit', (code) => {
      clearTimeout(deadline)
      if (answer !== null) resolve(answer)
      else reject(new Error(`The worker that checks definitions ended without an answer (exit code ${code})`))
    })
  })
}

function refused(reason: string): DefinitionReport {
  const code: RejectionCode = 'TOO_LARGE'
  return { definition: null, problems: [{ message: `The file ${reason}`, code, path: [], line: null, column: null }] }
}

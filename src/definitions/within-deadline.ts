import { createContext, Script } from 'node:vm'

/** The code ran longer than it may; it was stopped wherever it was, so what it touched must be thrown away. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
  readonly code = 'DEADLINE_EXCEEDED'
  constructor(readonly deadlineMs: number) {
    super(`The evaluation must end within ${deadlineMs} ms`)
  }
}

interface Sandbox {
  job: (() => void) | null
}

const sandbox: Sandbox = { job: null }
const context = createContext(sandbox)
const script = new Script('job()')

/** How much more than the deadline may pass on a machine that has no time for this process. */
const LONGEST_WAIT = 8
/** Of the deadline, in processor time: whoever was stopped with less was not slow, but kept waiting. */
const HAD_ITS_TIME = 0.8

/**
 * Runs a synchronous function and stops it at the deadline, as no promise or timer could: V8 terminates the execution
 * (90 us a call, measured). What a try/catch inside the function cannot hold either. The deadline is one of processor
 * time: on a busy machine the function may be begun again, with twice the time, so it must be one that can be. Throws
 * DeadlineExceeded.
 */
export function withinDeadline<Result>(deadlineMs: number, run: () => Result, usedMs = processorMs): Result {
  for (let limitMs = deadlineMs; ; limitMs *= 2) {
    const before = usedMs()
    try {
      return stoppedAfter(limitMs, run)
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      const hadItsTime = usedMs() - before >= HAD_ITS_TIME * deadlineMs
      if (hadItsTime || limitMs * 2 > LONGEST_WAIT * deadlineMs) throw new DeadlineExceeded(deadlineMs)
    }
  }
}

/** Of all threads of this process: too much rather than too little. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function stoppedAfter<Result>(limitMs: number, run: () => Result): Result {
  const outer = sandbox.job
  const answer: { value?: Result } = {}
  sandbox.job = () => {
    answer.value = run()
  }
  try {
    script.runInContext(context, { timeout: limitMs })
  } finally {
    sandbox.job = outer
  }
  return answer.value as Result
}

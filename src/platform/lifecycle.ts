import type { Logger } from './logger.js'

/** Something that runs while the process does: a server, a loop, a pool. */
export interface Part<Value> {
  readonly name: string
  /** Resolves when it works; what it makes is handed on. One that fails half-way cleans up after itself. */
  start(signal: AbortSignal): Promise<Value> | Value
  /** Takes no new work, ends what it has, and resolves when nothing of it is left. */
  stop?(value: Value): Promise<unknown> | unknown
  /** Default 30 s. */
  readonly startDeadlineMs?: number
  /** Default 15 s; then its stop is given up, and the next part's begins. */
  readonly stopDeadlineMs?: number
}

/** A part did not start or stop in the time it had. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly code = 'DEADLINE'
  constructor(
    readonly part: string,
    readonly action: 'start' | 'stop',
    readonly deadlineMs: number,
  ) {
    super(`${part} must ${action} within ${deadlineMs} ms, given up`)
  }
}

/** The process was asked to stop before it was up: nothing more begins. */
export class StoppedWhileStartingError extends Error {
  override readonly name = 'StoppedWhileStartingError'
  readonly code = 'STOPPED'
  constructor(readonly part: string) {
    super(`${part} was not started: the process is stopping`)
  }
}

interface Started {
  readonly name: string
  readonly stop: () => Promise<unknown> | unknown
  readonly stopDeadlineMs: number
}

/**
 * Starts parts one after another and stops them in the opposite order.
 *
 *   const database = await lifecycle.begin({ name: 'database', start: open, stop: (it) => it.close() })
 *   ... await lifecycle.stop('SIGTERM')
 */
export class Lifecycle {
  readonly #started: Started[] = []
  readonly #stopping = new AbortController()
  #stopped: Promise<boolean> | null = null
  #beginning: Promise<unknown> = Promise.resolve()

  constructor(private readonly logger: Logger) {}

  /** Starts a part and answers what it made. Throws its error, DeadlineError or StoppedWhileStartingError. */
  begin<Value>(part: Part<Value>): Promise<Value> {
    const begun = this.#begin(part)
    this.#beginning = begun.catch(() => undefined)
    return begun
  }

  /** Stops what was started, last first; true when all of it stopped cleanly. A second call waits for the first. */
  stop(reason: string): Promise<boolean> {
    this.#stopped ??= this.#stopAll(reason)
    return this.#stopped
  }

  async #begin<Value>(part: Part<Value>): Promise<Value> {
    const { name, stop, startDeadlineMs = 30_000, stopDeadlineMs = 15_000 } = part
    if (this.#stopping.signal.aborted) throw new StoppedWhileStartingError(name)
    const value = await withDeadline(name, 'start', startDeadlineMs, () => part.start(this.#stopping.signal))
    this.#started.push({ name, stopDeadlineMs, stop: () => stop?.call(part, value) })
    return value
  }

  async #stopAll(reason: string): Promise<boolean> {
    this.logger.info({ reason }, 'Stopping')
    this.#stopping.abort()
    await this.#beginning
    let isClean = true
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      const { name, stop, stopDeadlineMs } = part
      try {
        await withDeadline(name, 'stop', stopDeadlineMs, stop)
        this.logger.debug({ part: name }, 'Stopped a part')
      } catch (error) {
        isClean = false
        this.logger.error({ err: error, part: name }, 'A part did not stop')
      }
    }
    return isClean
  }
}

async function withDeadline<Value>(
  part: string,
  action: 'start' | 'stop',
  deadlineMs: number,
  work: () => Promise<Value> | Value,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(part, action, deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([Promise.resolve().then(work), expired])
  } finally {
    clearTimeout(timer)
  }
}

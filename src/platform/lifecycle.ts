import type { Logger } from './logger.js'

/** Something that runs while the process does: a server, a loop, a pool. */
export interface Part {
  readonly name: string
  /** Resolves when it works. The signal aborts when the process is to stop before that. */
  start?(signal: AbortSignal): Promise<void> | void
  /** Takes no new work, ends what it has, and resolves when nothing of it is left. */
  stop?(): Promise<void> | void
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

/**
 * Starts parts one after another and stops them in the opposite order.
 *
 *   lifecycle.add(part) ... await lifecycle.start() ... await lifecycle.stop('SIGTERM')
 */
export class Lifecycle {
  private readonly parts: Part[] = []
  private readonly started: Part[] = []
  private readonly stopping = new AbortController()
  private stopped: Promise<boolean> | null = null

  constructor(private readonly logger: Logger) {}

  add(part: Part): void {
    this.parts.push(part)
  }

  /** Starts every part in the order they were added. When one fails, stops those before it and throws its error. */
  async start(): Promise<void> {
    for (const part of this.parts) {
      if (this.stopping.signal.aborted) return
      // Before it is up: one that fails half-way is stopped as well.
      this.started.push(part)
      try {
        await withDeadline(part, 'start', part.startDeadlineMs ?? 30_000, () => part.start?.(this.stopping.signal))
      } catch (error) {
        await this.stop(`${part.name} did not start`)
        throw error
      }
    }
  }

  /** Stops what was started, last first; true when all of it stopped cleanly. A second call waits for the first. */
  stop(reason: string): Promise<boolean> {
    this.stopped ??= this.stopAll(reason)
    return this.stopped
  }

  private async stopAll(reason: string): Promise<boolean> {
    this.logger.info({ reason }, 'Stopping')
    this.stopping.abort()
    let isClean = true
    for (let part = this.started.pop(); part !== undefined; part = this.started.pop()) {
      const { name, stopDeadlineMs, stop } = part
      try {
        await withDeadline(part, 'stop', stopDeadlineMs ?? 15_000, () => stop?.call(part))
        this.logger.debug({ part: name }, 'Stopped a part')
      } catch (error) {
        isClean = false
        this.logger.error({ err: error, part: name }, 'A part did not stop')
      }
    }
    return isClean
  }
}

async function withDeadline(
  part: Part,
  action: 'start' | 'stop',
  deadlineMs: number,
  work: () => Promise<void> | void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(part.name, action, deadlineMs)), deadlineMs)
  })
  try {
    await Promise.race([Promise.resolve().then(work), expired])
  } finally {
    clearTimeout(timer)
  }
}

import type { Logger } from './logger.js'

export interface LoopOptions {
  /** Between two rounds when nobody wakes it. */
  readonly intervalMs: number
  /**
   * After failures in a row the pause doubles from the interval up to this, give or take a quarter, so that loops do not
   * march in step. Default 5 s: a database that is back is soon noticed.
   */
  readonly longestPauseMs?: number
  readonly logger: Logger
}

/**
 * Does one round after another until it is stopped: at once when `wake` asks, else every `intervalMs`. A round that
 * fails is logged and tried again, later each time. Subclasses say what a round is; tests call `runOnce` alone.
 */
export abstract class Loop {
  abstract readonly name: string
  private readonly stopping = new AbortController()
  private isWoken = false
  private endRest: () => void = () => undefined
  private running: Promise<void> = Promise.resolve()
  private failures = 0

  constructor(private readonly options: LoopOptions) {}

  /** One round. True: there is more to do, the next round begins at once. */
  abstract runOnce(signal: AbortSignal): Promise<boolean>

  /** Begins; the rounds go on after this returns. The signal stops it as `stop` does. */
  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.halt(), { once: true })
    if (signal.aborted) this.halt()
    this.running = this.run()
  }

  /** The next round begins at once, or right after the one that is under way. */
  wake(): void {
    this.isWoken = true
    // A loop that fails is not woken: who would wake it most is the one whose work fails.
    if (this.failures === 0) this.endRest()
  }

  /** No further round begins; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.halt()
    await this.running
  }

  private halt(): void {
    this.stopping.abort()
    this.endRest()
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Before the round: a wake during it must not be lost.
      this.isWoken = false
      const isMore = await this.tryOnce()
      if (!isMore) await this.rest()
    }
  }

  private async tryOnce(): Promise<boolean> {
    try {
      const isMore = await this.runOnce(this.stopping.signal)
      this.failures = 0
      return isMore
    } catch (error) {
      if (this.stopping.signal.aborted) return false
      this.failures += 1
      this.options.logger.error({ err: error, loop: this.name, failures: this.failures }, 'A round failed')
      return false
    }
  }

  private async rest(): Promise<void> {
    if (this.stopping.signal.aborted || (this.isWoken && this.failures === 0)) return
    const { intervalMs, longestPauseMs = 5_000 } = this.options
    const backoff = Math.min(intervalMs * 2 ** this.failures, Math.max(intervalMs, longestPauseMs))
    const ms = this.failures === 0 ? intervalMs : backoff * (0.75 + Math.random() / 2)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

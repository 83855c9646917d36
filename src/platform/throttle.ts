import { monotonicMs } from './clock.js'

/**
 * Calls `work` at once, and when asked again too soon, once more after `intervalMs` since the last time: however often
 * it is asked, the last ask is always followed by a call.
 */
export class Throttle {
  #last = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly intervalMs: number,
    private readonly work: () => void,
  ) {}

  ask(): void {
    if (this.#timer !== null) return
    const wait = this.#last + this.intervalMs - monotonicMs()
    if (wait <= 0) this.#call()
    else this.#timer = setTimeout(() => this.#call(), wait)
  }

  /** Forgets a call that is still to come. */
  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #call(): void {
    this.#timer = null
    this.#last = monotonicMs()
    this.work()
  }
}

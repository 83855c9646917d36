/** More wait for a turn than are let wait. */
export class TooManyWaitingError extends Error {
  override readonly name = 'TooManyWaitingError'
  readonly code = 'TOO_MANY_WAITING'
  constructor(readonly limit: number) {
    super(`At most ${limit} may wait for their turn; try again later`)
  }
}

/** Lets a few tasks run at once; the others wait their turn, in order, up to a limit. */
export class Slots {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(
    private readonly atOnce: number,
    private readonly maxWaiting: number,
  ) {}

  /** The task's own result. Throws TooManyWaitingError, or why the signal was aborted, without having begun it. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.#running < this.atOnce) this.#running += 1
    else await this.#turn(signal)
    try {
      return await task()
    } finally {
      // The slot goes from hand to hand, so nobody who comes now overtakes who has waited.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.maxWaiting) throw new TooManyWaitingError(this.maxWaiting)
    return new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal?.reason)
      }
      const turn = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(turn)
    })
  }
}

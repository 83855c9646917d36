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

  /** The task's own result. Throws TooManyWaitingError without having begun it. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce) {
      if (this.#waiting.length >= this.maxWaiting) throw new TooManyWaitingError(this.maxWaiting)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    try {
      return await task()
    } finally {
      // The slot goes from hand to hand, so nobody who comes now overtakes who has waited.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

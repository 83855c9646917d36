/** Something to wait for that others can set off: whoever waits is woken once, and a wake-up that finds nobody is kept. */
export class Wake {
  #isSet = false
  #resolve: (() => void) | null = null

  /** Wakes whoever waits, or the next one who does. */
  set(): void {
    this.#isSet = true
    this.#resolve?.()
  }

  /** Resolves when it is set, after `timeoutMs` at the latest, or when the signal aborts. One waits at a time. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isSet && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        signal.addEventListener('abort', () => resolve(), { once: true })
        this.#resolve = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#resolve = null
    }
    this.#isSet = false
  }
}

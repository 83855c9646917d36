/** Something to wait for that others can set off: whoever waits is woken once, and a wake-up that finds nobody is kept. */
export class Wake {
  #isSet = false
  #resolve: (() => void) | null = null

  /** Wakes the one who waits, or the next one who does. */
  set(): void {
    this.#isSet = true
    this.#resolve?.()
  }

  /**
   * Resolves when it is set, after `timeoutMs` at the latest, or when the signal aborts; answers whether it was set.
   * One waits at a time.
   */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isSet && !signal.aborted) await this.#wait(timeoutMs, signal)
    const wasSet = this.#isSet
    this.#isSet = false
    return wasSet
  }

  #wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#resolve = null
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      signal.addEventListener('abort', done)
      this.#resolve = done
    })
  }
}

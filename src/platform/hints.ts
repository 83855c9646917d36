type Listener = () => void

/**
 * Who waits for something that is named by a key, and is told in this process when it may have come. A hint and no more:
 * what happens in another process is found by looking again after a while.
 */
export class Hints {
  readonly #listeners = new Map<string, Set<Listener>>()

  /** Something came for these keys. */
  wake(keys: readonly string[]): void {
    for (const key of keys) for (const listener of this.#listeners.get(key) ?? []) listener()
  }

  /** Calls the listener at each hint for the key. Answers how to stop it. */
  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
  }
}

import type { StoredEvent } from './event.js'

/** Events that may wait for one follower before the tail lets go of it. */
const MAX_WAITING = 10_000

/** One who follows the journal's end: batches wait here until they are asked for. */
export class Follower {
  #batches: (readonly StoredEvent[])[] = []
  #waiting = 0
  #isEnded = false
  #resolve: (() => void) | null = null

  /** `cursor`: up to where it has been given everything. */
  constructor(public cursor: number) {}

  /** False: it has fallen behind, and is given nothing more. */
  push(events: readonly StoredEvent[]): boolean {
    if (this.#isEnded) return false
    this.#batches.push(events)
    this.#waiting += events.length
    if (this.#waiting > MAX_WAITING) this.#isEnded = true
    this.#resolve?.()
    return !this.#isEnded
  }

  /** Nothing more comes; what waits is still given out. */
  end(): void {
    this.#isEnded = true
    this.#resolve?.()
  }

  /** What was pushed, in order, without what lies at or before the cursor; ends after `end` or a fall behind. */
  async *batches(): AsyncGenerator<readonly StoredEvent[], void, void> {
    for (;;) {
      for (const batch of this.#take()) {
        const first = batch.findIndex((event) => event.position > this.cursor)
        if (first < 0) continue
        this.cursor = (batch.at(-1) as StoredEvent).position
        yield first === 0 ? batch : batch.slice(first)
      }
      if (this.#batches.length > 0) continue
      if (this.#isEnded) return
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
      })
      this.#resolve = null
    }
  }

  #take(): (readonly StoredEvent[])[] {
    const batches = this.#batches
    this.#batches = []
    this.#waiting = 0
    return batches
  }
}

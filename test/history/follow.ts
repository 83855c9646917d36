import type { StoredEvent } from '../../src/history/event.js'
import type { Tail } from '../../src/history/tail.js'
import { until } from '../helpers/until.js'

/** One who follows a tail and keeps what it is given. */
export class FollowerProbe {
  readonly events: StoredEvent[] = []
  /** What went wrong in its order, first of all. */
  problem: string | null = null
  readonly #abort = new AbortController()
  readonly #ended: Promise<void>

  constructor(
    tail: Tail,
    readonly after: number,
    private readonly pause: () => Promise<unknown> | null = () => null,
  ) {
    this.#ended = this.#follow(tail)
  }

  get cursor(): number {
    return this.after + this.events.length
  }

  /** Resolves when it has been given everything up to that position. */
  async upTo(position: number): Promise<void> {
    await until(`a follower from ${this.after} to come to ${position}`, () => {
      if (this.problem !== null) throw new Error(this.problem)
      return this.cursor >= position
    })
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#ended
  }

  async #follow(tail: Tail): Promise<void> {
    for await (const batch of tail.follow({ after: this.after, signal: this.#abort.signal })) {
      for (const event of batch) {
        const expected = this.cursor + 1
        if (event.position !== expected) this.problem ??= `was given ${event.position} instead of ${expected}`
        this.events.push(event)
      }
      await this.pause()
    }
  }
}

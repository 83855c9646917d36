import type { Client } from 'pg'
import { monotonicMs } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { Throttle } from '../platform/throttle.js'
import { Wake } from '../platform/wake.js'
import type { StoredEvent } from './event.js'
import { Follower } from './follower.js'
import { type PositionRange, readEvents, readHead } from './read-events.js'

const CHANNEL = 'dagbook_head'
const PAGE = 1_000

export interface FollowOptions {
  /** The last position that is known already. */
  readonly after: number
  readonly signal: AbortSignal
  /** How to catch up, for one who wants few of the events; default: all of them. Live batches hold all events. */
  readonly read?: (range: PositionRange, limit: number) => Promise<StoredEvent[]>
}

/**
 * The one reader of the journal's end in this process, for all its followers.
 *
 *   commit here -> nudge ----+
 *   NOTIFY from elsewhere ---+-> read what is after the cursor -> every follower, the same objects
 *   a poll, twice a second --+
 *
 * Positions are dense and in commit order, so `position > cursor` skips nothing; the notifications only make it fast.
 * While nobody follows it reads no events, only where the head is.
 */
export class Tail extends Loop {
  override readonly name = 'tail'
  #head = 0
  /** When the head was asked for last. */
  #checkedAt = Number.NEGATIVE_INFINITY
  /** Up to where the followers have been given everything. */
  #cursor = 0
  readonly #followers = new Set<Follower>()
  readonly #headListeners = new Set<(head: number) => void>()
  readonly #notify = new Throttle(10, () => this.#sendNotification())
  readonly #stop = new AbortController()
  #listening: Promise<void> = Promise.resolve()
  #placed: Promise<void> | null = null

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
    pollMs = 500,
  ) {
    super({ intervalMs: pollMs, logger })
  }

  /** The newest position that this process knows of. */
  get head(): number {
    return this.#head
  }

  /** A position that the journal has reached: the head as it was at most `maxAgeMs` ago. */
  async current(maxAgeMs: number): Promise<number> {
    if (monotonicMs() - this.#checkedAt > maxAgeMs) await this.#readHead()
    return this.#head
  }

  /** Whether the journal reaches that position within the time. */
  async reached(position: number, timeoutMs: number): Promise<boolean> {
    if (position > this.#head) await this.#readHead()
    if (position <= this.#head) return true
    const wake = new Wake()
    const unsubscribe = this.onHead((head) => {
      if (position <= head) wake.set()
    })
    await wake.wait(timeoutMs, this.#stop.signal)
    unsubscribe()
    return position <= this.#head
  }

  override start(signal: AbortSignal): void {
    this.#listening = this.#listen()
    super.start(signal)
  }

  /** Ends every follower's iteration. */
  override async stop(): Promise<void> {
    this.#stop.abort()
    this.#notify.cancel()
    for (const follower of this.#followers) follower.end()
    await Promise.all([super.stop(), this.#listening])
  }

  /** This process has just committed up to `head`. Tells the others, at most every 10 ms. */
  nudge(head: number): void {
    // First, for it is what the notification says.
    this.#moveHead(head)
    this.#notify.ask()
    if (this.#followers.size > 0) this.wake()
  }

  /** Called with every new head, soon after it is committed anywhere. Answers how to stop it. */
  onHead(listener: (head: number) => void): () => void {
    this.#headListeners.add(listener)
    return () => this.#headListeners.delete(listener)
  }

  /**
   * Every event after a position, in order, none twice, none left out, in batches, until the signal aborts. One who
   * takes too long is not waited for: the tail lets go, and it catches up from the table at its own pace.
   */
  async *follow({ after, signal, read }: FollowOptions): AsyncGenerator<readonly StoredEvent[], void, void> {
    const catchUp = read ?? ((range, limit) => readEvents(this.database.pool, range, limit))
    await this.#place()
    let cursor = after
    while (!signal.aborted && !this.#stop.signal.aborted) {
      while (cursor < this.#cursor && !signal.aborted) {
        const upTo = this.#cursor
        const events = await catchUp({ after: cursor, upTo }, PAGE)
        cursor = events.length < PAGE ? upTo : (events.at(-1) as StoredEvent).position
        if (events.length > 0) yield events
      }
      cursor = yield* this.#live(cursor, signal)
    }
  }

  /** Before anyone follows the cursor is set to the journal's end, or the tail would read it all from the beginning. */
  #place(): Promise<void> {
    this.#placed ??= this.runOnce().then(
      () => undefined,
      (error: unknown) => {
        this.#placed = null
        throw error
      },
    )
    return this.#placed
  }

  /** Given what comes, from the cursor on, as long as it keeps pace. Answers up to where. */
  async *#live(from: number, signal: AbortSignal): AsyncGenerator<readonly StoredEvent[], number, void> {
    // A cursor from the future (another database, a forged one) waits until the journal gets there.
    const follower = new Follower(from)
    this.#followers.add(follower)
    const end = () => follower.end()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted || this.#stop.signal.aborted) follower.end()
    if (this.#cursor < this.#head) this.wake()
    try {
      yield* follower.batches()
    } finally {
      this.#followers.delete(follower)
      signal.removeEventListener('abort', end)
    }
    return follower.cursor
  }

  /** Reads on, for the followers there are. */
  override async runOnce(): Promise<boolean> {
    if (this.#followers.size === 0) {
      await this.#readHead()
      // Nobody joined while it was read: nobody is owed what lies between.
      if (this.#followers.size === 0) this.#cursor = this.#head
      return false
    }
    const events = await readEvents(this.database.pool, { after: this.#cursor }, PAGE)
    const last = events.at(-1)
    if (last === undefined) return false
    this.#cursor = last.position
    this.#moveHead(last.position)
    for (const follower of this.#followers) if (!follower.push(events)) this.#followers.delete(follower)
    return events.length === PAGE
  }

  async #readHead(): Promise<void> {
    const askedAt = monotonicMs()
    this.#moveHead(await readHead(this.database.pool))
    this.#checkedAt = askedAt
  }

  #moveHead(head: number): void {
    if (head <= this.#head) return
    this.#head = head
    for (const listener of this.#headListeners) listener(head)
  }

  /** Listens on a connection of its own, and again when that is lost. Polling goes on meanwhile. */
  async #listen(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        const session = await this.database.openSession('dagbook-tail')
        await session.query(`LISTEN ${CHANNEL}`)
        session.on('notification', ({ payload }) => this.#notified(Number(payload)))
        await ended(session, signal)
        await session.end().catch(() => undefined)
      } catch (error) {
        this.logger.debug({ err: error }, 'Cannot listen for notifications; polling')
      }
      if (!signal.aborted) await new Wake().wait(1_000, signal)
    }
  }

  #notified(head: number): void {
    // This process's own commits come back as notifications, too.
    if (!(head > (this.#followers.size > 0 ? this.#cursor : this.#head))) return
    this.#moveHead(head)
    this.wake()
  }

  #sendNotification(): void {
    const payload = String(this.#head)
    this.database.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]).catch((error: unknown) => {
      this.logger.debug({ err: error }, 'A notification was not sent; followers elsewhere poll')
    })
  }
}

function ended(session: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    session.once('end', done)
    session.once('error', done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

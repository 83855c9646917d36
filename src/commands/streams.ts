import { LRUCache } from 'lru-cache'
import type { ClientBase, Pool } from 'pg'
import type { Plan } from '../domain/dag/plan.js'
import type { RunRequested } from '../domain/run/events.js'
import { isOpen, type RunState } from '../domain/run/state.js'
import type { StreamHead } from '../history/lock-streams.js'
import { readStreamHeads } from '../history/lock-streams.js'
import { readStream } from '../history/read-events.js'
import { AGGREGATES, type DomainEvent, type StreamScope } from './aggregate.js'
import type { Command } from './command.js'
import type { Plans } from './plans.js'

/** A stream in memory: its state at a version, and the hash that the next event is chained to. */
export interface Stream {
  readonly id: string
  version: number
  headHash: string | null
  state: unknown
  /** Null before its first event. */
  scope: StreamScope | null
}

const PAGE = 5_000
const MAX_WEIGHT = 300_000
/** After so many locks that found a stream as it was left here, nobody else is taken to be at it. */
const CALM_AFTER = 8

/**
 * The states that are kept between commands. They are only a head start: whoever holds a stream's lock first brings
 * its state up to the version that the database names, and it must end in the hash that stands there; after a failed
 * transaction it is forgotten.
 */
export class Streams {
  readonly #streams = new LRUCache<string, Stream>({ maxSize: MAX_WEIGHT, sizeCalculation: weigh })
  /** Streams that others have moved: by id, how often they are yet to be found as they were left here. */
  readonly #restless = new LRUCache<string, number>({ max: 10_000 })
  readonly #plans: Plans

  constructor(plans: Plans) {
    this.#plans = plans
  }

  /**
   * Loads what is cold, outside of any transaction, so that the lock is held for the last few events only. Answers the
   * streams that do not exist.
   */
  async warm(pool: Pool, ids: readonly string[]): Promise<string[]> {
    const cold = ids.filter((id) => !this.#streams.has(id))
    if (cold.length === 0) return []
    const heads = await readStreamHeads(pool as unknown as ClientBase, cold)
    for (const head of heads.values()) await this.upTo(pool, head)
    return cold.filter((id) => !heads.has(id))
  }

  /**
   * The stream as this process left it, which is how the next lock will most likely find it; undefined: it is not known,
   * or others are at it, too. To decide on it before it is locked costs a replay of the stream if that proves wrong.
   */
  expected(id: string): Stream | undefined {
    return this.#restless.has(id) ? undefined : this.#streams.get(id)
  }

  /** A lock has shown whether the stream was as it was left here. */
  note(id: string, isAsLeft: boolean): void {
    if (!isAsLeft) this.#restless.set(id, CALM_AFTER)
    else {
      const left = this.#restless.get(id)
      if (left === 1) this.#restless.delete(id)
      else if (left !== undefined) this.#restless.set(id, left - 1)
    }
  }

  /** The stream at just the version that the head names; the caller holds its lock, or does not mind. */
  async upTo(db: ClientBase | Pool, head: StreamHead): Promise<Stream> {
    const known = this.#streams.get(head.id)
    if (known !== undefined) this.note(head.id, known.version === head.version)
    const isUsable = known !== undefined && known.version <= head.version && (await this.#readOn(db, known, head))
    const stream = isUsable ? known : this.fresh(head.id)
    if (!isUsable && !(await this.#readOn(db, stream, head))) {
      throw new Error(`Stream ${head.id} does not end in the hash that its head names, at version ${head.version}`)
    }
    this.#streams.set(stream.id, stream)
    return stream
  }

  /** Applies what is missing. False: the stream is another than the one that the head names. */
  async #readOn(db: ClientBase | Pool, stream: Stream, head: StreamHead): Promise<boolean> {
    while (stream.version < head.version) {
      const events = await readStream(db, head, stream.version, PAGE)
      if (events.length === 0) throw new Error(`Stream ${head.id} has no events after version ${stream.version}`)
      // A state that went another way (a failover that took commits back) is not to be led on by what follows.
      if (events[0]?.prevHash !== stream.headHash) return false
      for (const { type, dataText, version, leafHash } of events) {
        const event: DomainEvent = { type, data: JSON.parse(dataText) }
        const plan = event.type === 'RunRequested' ? await this.#planOf(db, event.data as RunRequested) : null
        applyEvent(stream, event, version, plan)
        stream.headHash = leafHash
      }
    }
    return stream.headHash === head.headHash
  }

  /** A stream before its first event. */
  fresh(id: string): Stream {
    return { id, version: 0, headHash: null, state: AGGREGATES[aggregateOf(id)].initial, scope: null }
  }

  keep(streams: Iterable<Stream>): void {
    for (const stream of streams) if (stream.version > 0) this.#streams.set(stream.id, stream)
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#streams.delete(id)
  }

  async #planOf(db: ClientBase | Pool, { plan, dagVersionId }: RunRequested): Promise<Plan | null> {
    if (plan !== null || dagVersionId === null) return plan
    return (await this.#plans.load(db, [dagVersionId])).get(dagVersionId) ?? null
  }
}

/** Moves the stream's state on by one event. */
export function applyEvent(stream: Stream, event: DomainEvent, version: number, plan: Plan | null): void {
  const aggregate = AGGREGATES[aggregateOf(stream.id)]
  stream.scope ??= aggregate.scopeOf(stream.id, event, plan)
  stream.state = aggregate.evolve(stream.state, event, plan)
  stream.version = version
}

export function aggregateOf(streamId: string): Command['aggregate'] {
  const name = streamId.slice(0, streamId.indexOf('_')) as Command['aggregate']
  if (!(name in AGGREGATES)) throw new Error(`No aggregate has streams like ${streamId}`)
  return name
}

/** Tasks, for an open run; an ended one and any other aggregate is small. */
function weigh({ state }: Stream): number {
  const run = state as RunState
  return typeof run === 'object' && run !== null && isOpen(run) ? run.plan.tasks.length + 1 : 1
}

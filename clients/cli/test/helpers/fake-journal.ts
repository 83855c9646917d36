import { EventEmitter, on } from 'node:events'

/** What the fake server knows of a run; the fields are those of the API. */
export type Fake = Record<string, unknown>

/** An event as the API gives it out; its position is its place. */
export interface FakeEvent extends Fake {
  readonly position: string
  readonly type: string
  readonly streamId: string
  readonly run: Fake | null
  readonly instance: Fake | null
}

const AT = '2026-11-22T10:00:00.000Z'

/** An append-only list of events with dense positions; followers wait for the next one. */
export class FakeJournal {
  readonly events: FakeEvent[] = []
  private readonly changes = new EventEmitter().setMaxListeners(0)

  get head(): string {
    return String(this.events.length)
  }

  append(type: string, run: Fake | null = null, instance: Fake | null = null): FakeEvent {
    const position = String(this.events.length + 1)
    const streamId = String(run?.id ?? 'stream_1')
    const actor = { kind: 'SYSTEM', name: 'dagbook' }
    const event = { id: `event_${position}`, position, streamId, version: 1, type, data: {}, recordedAt: AT, actor }
    this.events.push({ ...event, project: null, run, instance })
    this.changes.emit('change')
    return this.events.at(-1) as FakeEvent
  }

  /** For what changed beside the journal, such as output. */
  poke(): void {
    this.changes.emit('change')
  }

  /** What `next` finds from an index on, for ever; it answers with undefined where there is nothing yet. */
  async *follow<T>(from: number, next: (index: number) => T | undefined, isOver: () => boolean): AsyncGenerator<T> {
    const changes = on(this.changes, 'change')
    for (let index = from; ; ) {
      const found = next(index)
      if (found !== undefined) {
        yield found
        index += 1
      } else if (isOver()) return
      else await changes.next()
    }
  }
}

/** Whether an event passes the API's filter. */
export function matches(event: FakeEvent, filter: { runId?: string; types?: string[] } | null | undefined): boolean {
  return (
    (filter?.runId == null || event.run?.id === filter.runId) &&
    (filter?.types == null || filter.types.includes(event.type))
  )
}

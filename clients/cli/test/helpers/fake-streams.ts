import { type Fake, type FakeEvent, type FakeJournal, matches } from './fake-journal.js'
import type { FakeWork } from './fake-work.js'

interface Follow {
  readonly filter?: { runId?: string; types?: string[] }
  readonly runId?: string
  readonly after?: string | null
}

/** The subscriptions: what is in the journal after a position, then what comes. */
export class FakeStreams {
  /** A resumed stream begins with what the client already had. */
  repeatsOnResume = false

  constructor(
    private readonly journal: FakeJournal,
    private readonly work: FakeWork,
  ) {}

  root(): Record<string, (args: never) => AsyncGenerator> {
    return {
      events: (args: Follow) =>
        this.after(
          args,
          (event) => matches(event, args.filter),
          (events) => ({ events }),
        ),
      runUpdated: (args: Follow) =>
        this.after(
          args,
          ({ run, instance }) => run?.id === args.runId && instance === null,
          (event) => ({ runUpdated: { ...event, event } }),
        ),
      instanceUpdated: (args: Follow) =>
        this.after(
          args,
          ({ run, instance }) => run?.id === args.runId && instance !== null,
          (event) => ({ instanceUpdated: { ...event, event } }),
        ),
      instanceLog: ({ instanceId, afterOffset }: { instanceId: string; afterOffset?: string }) => {
        const entryAt = (index: number): Fake | undefined =>
          this.work.entriesFrom(instanceId, afterOffset ?? null)[index]
        const isOver = (): boolean => this.work.logs.get(instanceId)?.isComplete ?? false
        return this.journal.follow(0, (index) => entryAt(index) && { instanceLog: entryAt(index) }, isOver)
      },
    }
  }

  private after(args: Follow, isMine: (event: FakeEvent) => boolean, wrap: (event: FakeEvent) => Fake): AsyncGenerator {
    const after = Math.max(0, Number(args.after ?? this.journal.head) - (this.repeatsOnResume ? 1 : 0))
    const mineAt = (index: number): FakeEvent | undefined => this.journal.events.slice(after).filter(isMine)[index]
    const next = (index: number): Fake | undefined => {
      const event = mineAt(index)
      return event && wrap(event)
    }
    return this.journal.follow(0, next, () => false)
  }
}

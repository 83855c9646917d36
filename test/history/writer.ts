import type { Client } from 'pg'
import { appendEvents, type CommandResult, firstPosition } from '../../src/history/append.js'
import type { SealedEvent } from '../../src/history/event.js'
import { seal } from '../../src/history/leaf.js'
import { lockStreams } from '../../src/history/lock-streams.js'
import { newId } from '../../src/platform/ids.js'
import type { TestDatabase } from '../helpers/database.js'
import { until } from '../helpers/until.js'

/** A stream as its writer knows it. */
export interface KnownStream {
  readonly id: string
  version: number
  hash: string | null
}

export function newStream(): KnownStream {
  return { id: newId('run'), version: 0, hash: null }
}

/** The next events of a stream, chained and hashed; the stream moves on. */
export function nextEvents(
  stream: KnownStream,
  count: number,
  data: (version: number) => string = dataOf,
): SealedEvent[] {
  return Array.from({ length: count }, () => {
    const version = stream.version + 1
    const scope = { projectId: 'project_1', dagId: null, runId: stream.id, instanceId: null }
    const cause = { actor: 'system', commandId: null, correlationId: null, causationId: null }
    const base = { streamId: stream.id, version, type: 'RunStarted', schemaVersion: 1, dataText: data(version) }
    const event = seal({ ...base, ...scope, ...cause, recordedAt: new Date() }, stream.hash)
    stream.version = version
    stream.hash = event.leafHash
    return event
  })
}

function dataOf(version: number): string {
  return `{"n":${version}}`
}

/** One connection of the application, statement by statement. */
export class Writer {
  private constructor(
    readonly session: Client,
    readonly pid: number,
  ) {}

  static async open(db: TestDatabase): Promise<Writer> {
    const session = await db.database.openSession('writer')
    const { rows } = await session.query('SELECT pg_backend_pid() AS pid')
    return new Writer(session, rows[0].pid)
  }

  begin(isolation = 'READ COMMITTED'): Promise<unknown> {
    return this.session.query(`BEGIN ISOLATION LEVEL ${isolation}`)
  }

  lock(...streams: KnownStream[]) {
    return lockStreams(
      this.session,
      streams.map(({ id }) => id),
    )
  }

  /** Appends that many events to the stream; answers the position of the first. */
  append(stream: KnownStream, count = 1, results: readonly CommandResult[] = []): Promise<number> {
    return this.appendAll(nextEvents(stream, count), results)
  }

  async appendAll(events: readonly SealedEvent[], results: readonly CommandResult[] = []): Promise<number> {
    return firstPosition(await this.session.query(appendEvents(events, results)))
  }

  commit(): Promise<unknown> {
    return this.session.query('COMMIT')
  }

  rollback(): Promise<unknown> {
    return this.session.query('ROLLBACK')
  }

  /** A transaction of its own. */
  async write(stream: KnownStream, count = 1): Promise<number> {
    await this.begin()
    await this.lock(stream)
    const first = await this.append(stream, count)
    await this.commit()
    return first
  }
}

/** Resolves when that connection waits for a lock. */
export async function untilWaiting(db: TestDatabase, { pid }: Writer): Promise<void> {
  await until('a connection to wait for a lock', async () => {
    const rows = await db.owner.query('SELECT FROM pg_locks WHERE pid = $1 AND NOT granted', [pid])
    return rows.length > 0
  })
}

/** The positions that there are, in order. */
export async function positions(db: TestDatabase): Promise<number[]> {
  const rows = await db.database.query<{ position: number }>('SELECT position FROM event ORDER BY position')
  return rows.map(({ position }) => position)
}

import type { SealedEvent } from './event.js'

/** A stream's share of the events: where it grows from and to, counted from 1. */
interface Growth {
  readonly at: number
  readonly first: SealedEvent
  readonly firstAt: number
  last: SealedEvent
  lastAt: number
}

interface Shares {
  readonly streams: Map<string, Growth>
  /** The first event of each command, in order; events of one command follow one another. */
  readonly commands: SealedEvent[]
  readonly streamOf: number[]
  readonly commandOf: number[]
}

/**
 * The events as `append_events` takes them: what all events of a stream or of a command share goes once, and text that
 * would have to be quoted goes as one JSON array or one run of bytes.
 */
export function appendColumns(events: readonly SealedEvent[]): unknown[] {
  const shares = sharesOf(events)
  const streams = [...shares.streams.values()]
  const { commands, streamOf, commandOf } = shares
  return [
    [...shares.streams.keys()],
    streams.map(({ first }) => first.version - 1),
    streams.map(({ last }) => last.version),
    bytesOf(streams.map(({ last }) => last.leafHash)),
    streams.map(({ firstAt }) => firstAt),
    streams.map(({ lastAt }) => lastAt),
    streams.map(({ first }) => first.projectId),
    streams.map(({ first }) => first.dagId),
    streams.map(({ first }) => first.runId),
    commands.map((event) => event.actor),
    commands.map((event) => event.commandId),
    commands.map((event) => event.correlationId),
    commands.map((event) => event.causationId),
    commands.map((event) => event.recordedAt.toISOString()),
    streamOf,
    commandOf,
    events.map((event) => event.version),
    events.map((event) => event.type),
    events.map((event) => event.schemaVersion),
    events.map((event) => event.instanceId),
    `[${events.map((event) => event.dataText).join(',')}]`,
    bytesOf(events.map((event) => event.leafHash)),
    bytesOf(events.map((event) => event.prevHash ?? NO_HASH)),
  ]
}

/** Stands where a stream's first event has no hash before it. */
const NO_HASH = '00'.repeat(32)

/** As PostgreSQL takes bytea as text. */
function bytesOf(hashes: readonly string[]): string {
  return `\\x${hashes.join('')}`
}

function sharesOf(events: readonly SealedEvent[]): Shares {
  const shares: Shares = { streams: new Map(), commands: [], streamOf: [], commandOf: [] }
  let command: SealedEvent | null = null
  for (const event of events) {
    shares.streamOf.push(growth(shares.streams, event, shares.streamOf.length + 1).at)
    if (command === null || !isSameCause(command, event)) {
      command = event
      shares.commands.push(event)
    }
    shares.commandOf.push(shares.commands.length)
  }
  return shares
}

function growth(streams: Map<string, Growth>, event: SealedEvent, at: number): Growth {
  const known = streams.get(event.streamId)
  if (known === undefined) {
    const begun = { at: streams.size + 1, first: event, firstAt: at, last: event, lastAt: at }
    streams.set(event.streamId, begun)
    return begun
  }
  const { first } = known
  if (event.projectId !== first.projectId || event.dagId !== first.dagId || event.runId !== first.runId) {
    throw new Error(`Events of stream ${event.streamId} belong to one project, DAG and run, given several`)
  }
  known.last = event
  known.lastAt = at
  return known
}

function isSameCause(a: SealedEvent, b: SealedEvent): boolean {
  return (
    a.commandId === b.commandId &&
    a.actor === b.actor &&
    a.correlationId === b.correlationId &&
    a.causationId === b.causationId &&
    a.recordedAt.getTime() === b.recordedAt.getTime()
  )
}

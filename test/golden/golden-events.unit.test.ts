import { readFileSync } from 'node:fs'
import { AGGREGATES } from '../../src/commands/aggregate.js'
import { aggregateOf, applyEvent, type Stream } from '../../src/commands/streams.js'
import type { DagVersionPublished } from '../../src/domain/dag/dag.js'
import { withTaskOrder } from '../../src/domain/dag/definition.js'
import { type Plan, planOf } from '../../src/domain/dag/plan.js'
import type { RunRequested } from '../../src/domain/run/events.js'
import type { StoredEvent } from '../../src/history/event.js'
import { leafHash, leafText } from '../../src/history/leaf.js'
import { canonicalJson } from '../../src/platform/json.js'
import { checkEventSchemas } from './check-event-schemas.js'
import { EVENT_TYPES } from './event-types.js'
import { goldenFiles, readGoldenEvents } from './read-golden-events.js'

const EVENTS = readGoldenEvents()
const OUTCOME = JSON.parse(readFileSync(new URL('./outcome.json', import.meta.url), 'utf8')) as {
  readonly runs: readonly { readonly id: string; readonly version: number; readonly status: string }[]
}

it('there are stored events of every type, in every schema version that there was', () => {
  const wanted = Object.entries(EVENT_TYPES).flatMap(([type, newest]) =>
    Array.from({ length: newest }, (_, at) => `${type}.v${at + 1}.jsonl`),
  )
  expect(goldenFiles()).toEqual(wanted.sort())
})

it('each is as its schema says, in canonical form, hashed and chained as it was', () => {
  checkEventSchemas(EVENTS)
  const last = new Map<string, StoredEvent>()
  for (const event of EVENTS) {
    expect(canonicalJson(JSON.parse(event.dataText))).toBe(event.dataText)
    expect(leafHash(leafText(event, event.prevHash))).toBe(event.leafHash)
    const before = last.get(event.streamId)
    expect([event.version, event.prevHash]).toEqual([
      (before?.version ?? 0) + 1,
      before?.leafHash ?? null,
    ])
    last.set(event.streamId, event)
  }
})

it('folded today, every run stands where it stood then', () => {
  const streams = fold(EVENTS)
  for (const { id, version, status } of OUTCOME.runs) {
    expect([id, streams.get(id)?.version, (streams.get(id)?.state as { status: string }).status]).toEqual([
      id,
      version,
      status,
    ])
  }
})

function fold(events: readonly StoredEvent[]): Map<string, Stream> {
  const streams = new Map<string, Stream>()
  const plans = new Map<string, Plan>()
  for (const { streamId, type, version, dataText } of events) {
    const data = JSON.parse(dataText)
    const { dagVersionId, definition, taskKeys } = data as DagVersionPublished
    if (type === 'DagVersionPublished') plans.set(dagVersionId, planOf(withTaskOrder(definition, taskKeys)))
    const { initial } = AGGREGATES[aggregateOf(streamId)]
    const stream = streams.get(streamId) ?? { id: streamId, version: 0, headHash: null, state: initial, scope: null }
    const request = data as RunRequested
    applyEvent(stream, { type, data }, version, request.plan ?? plans.get(request.dagVersionId ?? '') ?? null)
    streams.set(streamId, stream)
  }
  return streams
}

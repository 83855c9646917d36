import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { UnsealedEvent } from '../../src/history/event.js'
import { leafHash, leafText, seal } from '../../src/history/leaf.js'
import { canonicalJson } from '../../src/platform/json.js'

/** Made without this project's code: the canonical form written out by RFC 8785, the hash by another language's library. */
interface Vector {
  readonly about: string
  readonly columns: Record<string, unknown>
  readonly canonical: string
  readonly hash: string
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../golden/leaf-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[]

/** The event whose columns, all but position and leaf_hash, these are. */
function eventOf(columns: Record<string, unknown>): UnsealedEvent {
  const text = (name: string) => columns[name] as string
  return {
    streamId: text('stream_id'),
    version: columns.version as number,
    type: text('type'),
    schemaVersion: columns.schema_version as number,
    dataText: canonicalJson(columns.data),
    projectId: text('project_id'),
    dagId: text('dag_id'),
    runId: text('run_id'),
    instanceId: text('instance_id'),
    actor: text('actor'),
    commandId: text('command_id'),
    correlationId: text('correlation_id'),
    causationId: text('causation_id'),
    recordedAt: new Date(text('recorded_at')),
  }
}

function prevHashOf(columns: Record<string, unknown>): string | null {
  return columns.prev_hash as string | null
}

describe('golden vectors', () => {
  it.each(VECTORS.map((vector) => [vector.about, vector] as const))('%s', (_, { columns, canonical, hash }) => {
    expect(leafText(eventOf(columns), prevHashOf(columns))).toBe(canonical)
    expect(leafHash(canonical)).toBe(hash)
  })

  it('hash as RFC 6962 hashes leaves: a zero byte, then the text in UTF-8', () => {
    for (const { canonical, hash } of VECTORS) {
      const bytes = Buffer.concat([Buffer.of(0), Buffer.from(canonical, 'utf8')])
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
    }
  })
})

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const nullable = fc.option(text)
const events = fc.record({
  streamId: text,
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  type: text,
  schemaVersion: fc.integer({ min: 1, max: 32_767 }),
  data: fc.jsonValue({ maxDepth: 4 }),
  projectId: nullable,
  dagId: nullable,
  runId: nullable,
  instanceId: nullable,
  actor: text,
  commandId: nullable,
  correlationId: nullable,
  causationId: nullable,
  recordedAt: fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
})
const hashes = fc.option(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
)

/** By the library, from the columns' names. */
function canonicalColumns(event: UnsealedEvent & { data: unknown }, prevHash: string | null): string {
  return canonicalJson({
    stream_id: event.streamId,
    version: event.version,
    type: event.type,
    schema_version: event.schemaVersion,
    data: event.data,
    project_id: event.projectId,
    dag_id: event.dagId,
    run_id: event.runId,
    instance_id: event.instanceId,
    actor: event.actor,
    command_id: event.commandId,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
    recorded_at: event.recordedAt.toISOString(),
    prev_hash: prevHash,
  })
}

it('the text written by hand is the canonical form of the columns, whatever they hold', () => {
  fc.assert(
    fc.property(events, hashes, (given, prevHash) => {
      const event = { ...given, dataText: canonicalJson(given.data) }
      expect(leafText(event, prevHash)).toBe(canonicalColumns(event, prevHash))
    }),
    { numRuns: 2_000 },
  )
})

it('no two different events have the same text', () => {
  fc.assert(
    fc.property(events, events, hashes, hashes, (one, two, before, other) => {
      const [a, b] = [one, two].map((event) => ({ ...event, dataText: canonicalJson(event.data) }))
      fc.pre(canonicalColumns(a!, before) !== canonicalColumns(b!, other))
      expect(leafText(a!, before)).not.toBe(leafText(b!, other))
    }),
  )
})

it('sealing chains an event to the one before it', () => {
  const first = seal(eventOf(VECTORS[0]!.columns), null)
  const second = seal(eventOf(VECTORS[0]!.columns), first.leafHash)
  expect(first.prevHash).toBeNull()
  expect(second.prevHash).toBe(first.leafHash)
  expect(second.leafHash).not.toBe(first.leafHash)
})

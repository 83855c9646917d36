import { readdirSync, readFileSync } from 'node:fs'
import type { StoredEvent } from '../../src/history/event.js'

const FOLDER = new URL('./events/', import.meta.url)

/**
 * The events of released versions, one file per type and schema version, as they stood in a journal. Never made again:
 * what was stored once has to be read for ever. A new schema_version gets files of its own beside them.
 */
export function readGoldenEvents(): StoredEvent[] {
  const lines = goldenFiles().flatMap((file) => readFileSync(new URL(file, FOLDER), 'utf8').trimEnd().split('\n'))
  return lines.map(eventOf).sort((a, b) => a.position - b.position)
}

/** `<Type>.v<schema_version>.jsonl` */
export function goldenFiles(): string[] {
  return readdirSync(FOLDER).sort()
}

function eventOf(line: string): StoredEvent {
  const row = JSON.parse(line)
  return {
    position: row.position,
    streamId: row.stream_id,
    version: row.version,
    type: row.type,
    schemaVersion: row.schema_version,
    dataText: row.data,
    projectId: row.project_id,
    dagId: row.dag_id,
    runId: row.run_id,
    instanceId: row.instance_id,
    actor: row.actor,
    commandId: row.command_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    recordedAt: new Date(row.recorded_at),
    leafHash: row.leaf_hash,
    prevHash: row.prev_hash,
  }
}

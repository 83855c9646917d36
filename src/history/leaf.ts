import { hash } from 'node:crypto'
import type { SealedEvent, UnsealedEvent } from './event.js'

/**
 * The bytes that are hashed: the RFC 8785 form of the event's columns except position and leaf_hash, keys sorted,
 * hashes in lower-case hex, `data` as its JSON value, recorded_at in RFC 3339 UTC with three decimals.
 *
 * Written out by hand because it runs for every event: with canonical `data` at hand, the rest are strings and small
 * whole numbers, for which JSON.stringify is RFC 8785. The golden vectors hold it against the library.
 */
export function leafText(event: UnsealedEvent, prevHash: string | null): string {
  return (
    `{"actor":${JSON.stringify(event.actor)},"causation_id":${JSON.stringify(event.causationId)}` +
    `,"command_id":${JSON.stringify(event.commandId)},"correlation_id":${JSON.stringify(event.correlationId)}` +
    `,"dag_id":${JSON.stringify(event.dagId)},"data":${event.dataText}` +
    `,"instance_id":${JSON.stringify(event.instanceId)},"prev_hash":${prevHash === null ? 'null' : `"${prevHash}"`}` +
    `,"project_id":${JSON.stringify(event.projectId)},"recorded_at":"${event.recordedAt.toISOString()}"` +
    `,"run_id":${JSON.stringify(event.runId)},"schema_version":${event.schemaVersion}` +
    `,"stream_id":${JSON.stringify(event.streamId)},"type":${JSON.stringify(event.type)},"version":${event.version}}`
  )
}

/** RFC 6962, section 2.1: SHA-256(0x00 || leaf), in lower-case hex: a text costs less to keep than 32 bytes of a Buffer. */
export function leafHash(text: string): string {
  return hash('sha256', `\0${text}`, 'hex')
}

/** Chains an event to the one before it in its stream and hashes it. The object given becomes the sealed one: this runs for every event. */
export function seal<Event extends UnsealedEvent>(event: Event, prevHash: string | null): Event & SealedEvent {
  return Object.assign(event, { prevHash, leafHash: leafHash(leafText(event, prevHash)) })
}

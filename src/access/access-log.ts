import { createHash } from 'node:crypto'
import type { JsonObject } from '../domain/json.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'

/** Something about access that changed nothing in the journal. */
export interface AccessEntry {
  /** `signIn`, `refreshSession`, `signOut`, or the action that was denied. */
  readonly action: string
  readonly outcome: 'SUCCESS' | 'FAILED' | 'DENIED'
  readonly userId: string | null
  /** As it was typed. */
  readonly username: string | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly details?: JsonObject
  readonly errorMessage?: string
}

const RECORD = `
  INSERT INTO access_log AS l (id, action, outcome, user_id, username, ip_address, user_agent, details, error_message,
    created_at, minute, repeat_key)
  VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::json, $9::text, $10::timestamptz,
    date_trunc('minute', $10::timestamptz), $11::bytea)
  ON CONFLICT (repeat_key, minute) DO UPDATE SET repeat_count = l.repeat_count + 1`

const MAX_TEXT = 200

/**
 * Writes one entry; repeats of the same account, address, action, outcome and entity within a minute are counted in one
 * row. Of what was read each is one.
 */
export async function recordAccess(database: Database, entry: AccessEntry, now: Date): Promise<void> {
  const { action, outcome, userId, ip, details = {}, errorMessage = null } = entry
  const username = entry.username?.slice(0, MAX_TEXT) ?? null
  const userAgent = entry.userAgent?.slice(0, MAX_TEXT) ?? null
  const repeatKey = createHash('sha256')
    .update(JSON.stringify([action, outcome, userId, username, ip, ...distinction(entry)]))
    .digest()
  const values = [newId('access'), action, outcome, userId, username, ip, userAgent, JSON.stringify(details)]
  await database.query(RECORD, [...values, errorMessage, now, repeatKey])
}

/** A refused request is told from another by what it was about, a look at the audit log by what was asked. */
function distinction({ action, details = {}, errorMessage }: AccessEntry): unknown[] {
  if (action === 'readAuditLog') return [details]
  return details.entityId === undefined && errorMessage === undefined ? [] : [details.entityId, errorMessage]
}

import type { StoredEvent } from '../history/event.js'
import { readHead } from '../history/read-events.js'
import { readEventPage } from '../history/read-page.js'
import type { Database } from '../platform/database.js'
import type { DeliveryRow } from '../projections/sla/deliveries.js'

const BATCH = 500

const CURSOR = `SELECT position FROM reactor_cursor WHERE name = 'sla' FOR UPDATE SKIP LOCKED`
const MOVE = `UPDATE reactor_cursor SET position = $1::bigint WHERE name = 'sla'`

/** The actions of the SLA as they are by now. */
const OWE = `
  INSERT INTO sla_delivery (breach_id, action_index, occasion, audience, action, priority, next_try_at, created_at)
  SELECT b.id, a.n - 1, 'BREACHED', b.audience, a.action, s.priority, $2::timestamptz, $2::timestamptz
  FROM sla_breach b JOIN sla s ON s.id = b.sla_id
  CROSS JOIN LATERAL jsonb_array_elements(s.actions) WITH ORDINALITY AS a(action, n)
  WHERE b.id = ANY($1::text[])
  ON CONFLICT DO NOTHING`

/** Whoever was to be told of the breach, if they want to know; that an SLA was deleted makes nothing fine. */
const OWE_RESOLVED = `
  INSERT INTO sla_delivery (breach_id, action_index, occasion, audience, action, priority, next_try_at, created_at)
  SELECT d.breach_id, d.action_index, 'RESOLVED', d.audience, d.action, d.priority, $2::timestamptz, $2::timestamptz
  FROM sla_delivery d JOIN sla_breach b ON b.id = d.breach_id JOIN sla s ON s.id = b.sla_id
  WHERE d.breach_id = ANY($1::text[]) AND d.action @> '{"onResolved": true}' AND s.deleted_at IS NULL
  ON CONFLICT DO NOTHING`

/**
 * Reads on in the journal and notes what is owed for each breach, together with how far it has read: whatever happens
 * then, each is noted once. True: there is more to read. One reactor does so at a time.
 */
export function takeBreaches(database: Database, now: Date): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ position: number }>(CURSOR)
    const [cursor] = rows
    if (cursor === undefined) return false
    const head = await readHead(tx)
    if (head <= cursor.position) return false
    const page = { limit: BATCH - 1, isBackward: false, from: [cursor.position] }
    const events = await readEventPage(tx, { types: ['SlaBreached', 'SlaResolved'], projects: null, upTo: head }, page)
    const [broken, resolved] = [breachIds(events, 'SlaBreached'), breachIds(events, 'SlaResolved')]
    if (broken.length > 0) await tx.query(OWE, [broken, now])
    if (resolved.length > 0) await tx.query(OWE_RESOLVED, [resolved, now])
    const isMore = events.length === BATCH
    await tx.query(MOVE, [isMore ? events.at(-1)?.position : head])
    return isMore
  })
}

function breachIds(events: readonly StoredEvent[], wanted: string): string[] {
  const own = events.filter(({ type }) => type === wanted)
  return own.map(({ dataText }) => (JSON.parse(dataText) as { readonly breachId: string }).breachId)
}

/** COMMANDS: done here, in order. MESSAGES: sent elsewhere, which takes its time. */
export type DeliveryKind = 'COMMANDS' | 'MESSAGES'

/**
 * That a breach is over is told after the breach. `share`: half of the places that are free or its own, so that something is
 * left for others whoever fills the rest.
 */
const CLAIM = `
  WITH due AS (
    SELECT breach_id, action_index, occasion,
      row_number() OVER (PARTITION BY audience ORDER BY priority DESC, created_at, breach_id, action_index) AS place,
      ceil(($4::integer + coalesce(u.count, 0)) / 2.0) - coalesce(u.count, 0) AS share
    FROM sla_delivery w LEFT JOIN unnest($5::text[], $6::integer[]) AS u(audience, count) USING (audience)
    WHERE status = 'PENDING' AND next_try_at <= $1::timestamptz
      AND (action->>'type' IN ('webhook', 'email')) = $3::boolean
      AND (occasion = 'BREACHED' OR NOT EXISTS (
        SELECT FROM sla_delivery b WHERE b.breach_id = w.breach_id AND b.action_index = w.action_index
          AND b.occasion = 'BREACHED' AND b.status = 'PENDING')))
  UPDATE sla_delivery d SET attempts = d.attempts + 1, next_try_at = $2::timestamptz
  FROM (
    SELECT breach_id, action_index, occasion FROM sla_delivery w JOIN due USING (breach_id, action_index, occasion)
    WHERE due.place <= due.share AND w.status = 'PENDING' AND w.next_try_at <= $1::timestamptz
    ORDER BY w.priority DESC, w.created_at, breach_id, action_index LIMIT $4::integer FOR UPDATE OF w SKIP LOCKED) AS c
  WHERE d.breach_id = c.breach_id AND d.action_index = c.action_index AND d.occasion = c.occasion
  RETURNING d.breach_id AS "breachId", d.action_index AS index, d.occasion, d.audience, d.action, d.attempts, d.told, d.priority,
    d.created_at AS "createdAt"`

/** One to be done now, by whoever claimed it. */
export interface Claimed extends Pick<DeliveryRow, 'breachId' | 'index' | 'occasion' | 'action' | 'attempts' | 'told'> {
  /** Whose it is: a project's id, `capacity` or `platform`. */
  readonly audience: string
}

type ClaimRow = Claimed & { readonly priority: number; readonly createdAt: Date }

/**
 * What is due, `free` at most, the highest priority first; until `leaseUntil` nobody else takes it. No project gets more than
 * half of the places that are free or its own. `held`: what is being done now.
 */
export async function claimDeliveries(
  database: Database,
  kind: DeliveryKind,
  { free, held }: { readonly free: number; readonly held: readonly Claimed[] },
  now: Date,
  leaseUntil: Date,
): Promise<Claimed[]> {
  if (free <= 0) return []
  const counts = new Map<string, number>()
  for (const { audience } of held) counts.set(audience, (counts.get(audience) ?? 0) + 1)
  const values = [now, leaseUntil, kind === 'MESSAGES', free, [...counts.keys()], [...counts.values()]]
  const rows = await database.query<ClaimRow>(CLAIM, values)
  return [...rows].sort(
    (a, b) =>
      b.priority - a.priority ||
      a.createdAt.getTime() - b.createdAt.getTime() ||
      (a.breachId < b.breachId ? -1 : a.breachId > b.breachId ? 1 : a.index - b.index),
  )
}

/** What became of a try. */
export interface Result {
  readonly status: DeliveryRow['status']
  readonly responseCode: number | null
  readonly message: string | null
  /** Of a PENDING one. */
  readonly nextTryAt: Date | null
}

/** It cannot be done as things are by now. */
export function skipped(message: string): Result {
  return { status: 'SKIPPED', responseCode: null, message: message.slice(0, 500), nextTryAt: null }
}

const NOTE = `
  UPDATE sla_delivery SET status = $3::text, response_code = $4::integer, message = $5::text,
    next_try_at = coalesce($6::timestamptz, next_try_at), ended_at = CASE WHEN $3::text = 'PENDING' THEN NULL ELSE $7::timestamptz END
  WHERE breach_id = $1::text AND action_index = $2::integer AND occasion = $8::text AND status = 'PENDING'`

/** Keeps what became of it. */
export async function noteResult(
  database: Database,
  { breachId, index, occasion }: Claimed,
  { status, responseCode, message, nextTryAt }: Result,
  now: Date,
): Promise<void> {
  await database.query(NOTE, [breachId, index, status, responseCode, message, nextTryAt, now, occasion])
}

const NOTE_TOLD = `
  UPDATE sla_delivery SET told = told || $4::integer
  WHERE breach_id = $1::text AND action_index = $2::integer AND occasion = $3::text`

/** Keeps that the recipient at this place of the letter's list has it. */
export async function noteTold(
  database: Database,
  { breachId, index, occasion }: Claimed,
  place: number,
): Promise<void> {
  await database.query(NOTE_TOLD, [breachId, index, occasion, place])
}

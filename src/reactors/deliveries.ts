import { readHead } from '../history/read-events.js'
import { readEventPage } from '../history/read-page.js'
import type { Database } from '../platform/database.js'
import type { DeliveryRow } from '../projections/sla/deliveries.js'

const BATCH = 500

const CURSOR = `SELECT position FROM reactor_cursor WHERE name = 'sla' FOR UPDATE SKIP LOCKED`
const MOVE = `UPDATE reactor_cursor SET position = $1::bigint WHERE name = 'sla'`

/** The actions of the SLA as they are by now. */
const OWE = `
  INSERT INTO sla_delivery (breach_id, action_index, action, priority, next_try_at, created_at)
  SELECT b.id, a.n - 1, a.action, s.priority, $2::timestamptz, $2::timestamptz
  FROM sla_breach b JOIN sla s ON s.id = b.sla_id
  CROSS JOIN LATERAL jsonb_array_elements(s.actions) WITH ORDINALITY AS a(action, n)
  WHERE b.id = ANY($1::text[])
  ON CONFLICT (breach_id, action_index) DO NOTHING`

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
    const events = await readEventPage(tx, { types: ['SlaBreached'], projects: null, upTo: head }, page)
    const ids = events.map(({ dataText }) => (JSON.parse(dataText) as { readonly breachId: string }).breachId)
    if (ids.length > 0) await tx.query(OWE, [ids, now])
    const isMore = events.length === BATCH
    await tx.query(MOVE, [isMore ? events.at(-1)?.position : head])
    return isMore
  })
}

/** COMMANDS: done here, in order. MESSAGES: sent elsewhere, which takes its time. */
export type DeliveryKind = 'COMMANDS' | 'MESSAGES'

const CLAIM = `
  UPDATE sla_delivery d SET attempts = d.attempts + 1, next_try_at = $2::timestamptz
  FROM (
    SELECT breach_id, action_index FROM sla_delivery
    WHERE status = 'PENDING' AND next_try_at <= $1::timestamptz
      AND (action->>'type' IN ('webhook', 'email')) = $3::boolean
    ORDER BY priority DESC, created_at, breach_id, action_index LIMIT $4::integer FOR UPDATE SKIP LOCKED) AS c
  WHERE d.breach_id = c.breach_id AND d.action_index = c.action_index
  RETURNING d.breach_id AS "breachId", d.action_index AS index, d.action, d.attempts, d.priority, d.created_at AS "createdAt"`

/** One to be done now, by whoever claimed it. */
export type Claimed = Pick<DeliveryRow, 'breachId' | 'index' | 'action' | 'attempts'>

type ClaimRow = Claimed & { readonly priority: number; readonly createdAt: Date }

/** What is due, the highest priority first; until `leaseUntil` nobody else takes it. */
export async function claimDeliveries(
  database: Database,
  kind: DeliveryKind,
  limit: number,
  now: Date,
  leaseUntil: Date,
): Promise<Claimed[]> {
  if (limit <= 0) return []
  const rows = await database.query<ClaimRow>(CLAIM, [now, leaseUntil, kind === 'MESSAGES', limit])
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

const NOTE = `
  UPDATE sla_delivery SET status = $3::text, response_code = $4::integer, message = $5::text,
    next_try_at = coalesce($6::timestamptz, next_try_at), ended_at = CASE WHEN $3::text = 'PENDING' THEN NULL ELSE $7::timestamptz END
  WHERE breach_id = $1::text AND action_index = $2::integer AND status = 'PENDING'`

/** Keeps what became of it. */
export async function noteResult(
  database: Database,
  { breachId, index }: Claimed,
  { status, responseCode, message, nextTryAt }: Result,
  now: Date,
): Promise<void> {
  await database.query(NOTE, [breachId, index, status, responseCode, message, nextTryAt, now])
}

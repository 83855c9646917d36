import type { Json } from '../../domain/json.js'
import type { Reader } from '../list.js'

/** Whether it is done as the SLA is broken, or told as that is over. */
export type Occasion = 'BREACHED' | 'RESOLVED'

/** What became of one action of a breach. */
export interface DeliveryRow {
  readonly breachId: string
  readonly index: number
  readonly occasion: Occasion
  readonly action: { readonly type: string } & { readonly [key: string]: Json }
  readonly status: 'PENDING' | 'DONE' | 'FAILED' | 'SKIPPED'
  readonly attempts: number
  /** Of a letter's recipients, by their places in its list, those who have it. */
  readonly told: readonly number[]
  readonly nextTryAt: Date
  readonly responseCode: number | null
  readonly message: string | null
  readonly endedAt: Date | null
}

const COLUMNS = `d.breach_id AS "breachId", d.action_index AS index, d.occasion, d.action, d.status, d.attempts, d.told,
    d.next_try_at AS "nextTryAt", d.response_code AS "responseCode", d.message, d.ended_at AS "endedAt"`

const GET = `
  SELECT ${COLUMNS} FROM sla_delivery d WHERE d.breach_id = ANY($1::text[]) ORDER BY d.breach_id, d.action_index, d.occasion`

/** Every action of these breaches, in order, by breach. */
export async function getDeliveries(db: Reader, breachIds: readonly string[]): Promise<Map<string, DeliveryRow[]>> {
  const { rows } = await db.query<DeliveryRow>({ text: GET, values: [breachIds] })
  const byBreach = new Map<string, DeliveryRow[]>()
  for (const row of rows) {
    const list = byBreach.get(row.breachId)
    if (list === undefined) byBreach.set(row.breachId, [row])
    else list.push(row)
  }
  return byBreach
}

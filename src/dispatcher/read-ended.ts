import type { Pool } from 'pg'
import type { AttemptRef } from '../machines/machine.js'

const READ = `
  SELECT a.instance_id AS "instanceId", a.fence
  FROM unnest($1::text[], $2::integer[]) AS left_behind(instance_id, fence)
  JOIN attempt a ON a.instance_id = left_behind.instance_id AND a.fence = left_behind.fence
  WHERE a.ended_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM queue_hold h WHERE h.instance_id = a.instance_id AND h.fence = a.fence)`

const MAX_FENCE = 2 ** 31 - 1

/** Of these attempts those whose end is stored, and with it all of their output that anyone will ever collect. */
export async function readEnded(pool: Pool, attempts: readonly AttemptRef[]): Promise<AttemptRef[]> {
  const known = attempts.filter(({ fence }) => fence <= MAX_FENCE)
  if (known.length === 0) return []
  const values = [known.map(({ instanceId }) => instanceId), known.map(({ fence }) => fence)]
  return (await pool.query<AttemptRef>(READ, values)).rows
}

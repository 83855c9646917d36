import type { Pool } from 'pg'

/** That a machine was reached, or why not. */
export interface MachineContact {
  readonly machineId: string
  readonly isReached: boolean
  /** Why it takes nothing new; of one that was not reached, why not. */
  readonly error: string | null
}

const RECORD = `
  INSERT INTO machine_contact (machine_id, reached_at, failed_at, error)
  SELECT id, CASE WHEN is_reached THEN now() END, CASE WHEN NOT is_reached THEN now() END, error
  FROM unnest($1::text[], $2::boolean[], $3::text[]) AS c(id, is_reached, error) ORDER BY id
  ON CONFLICT (machine_id) DO UPDATE SET reached_at = coalesce(EXCLUDED.reached_at, machine_contact.reached_at),
    failed_at = coalesce(EXCLUDED.failed_at, machine_contact.failed_at), error = EXCLUDED.error`

/** By the database's clock, as with the leases of nodes. Each machine once. */
export async function recordContacts(pool: Pool, contacts: readonly MachineContact[]): Promise<void> {
  if (contacts.length === 0) return
  const of = <Key extends keyof MachineContact>(key: Key) => contacts.map((contact) => contact[key])
  await pool.query(RECORD, [of('machineId'), of('isReached'), of('error')])
}

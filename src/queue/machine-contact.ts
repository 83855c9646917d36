import type { Pool } from 'pg'

/** That a machine over SSH was reached (null), or why not. */
export interface MachineContact {
  readonly machineId: string
  readonly error: string | null
}

const RECORD = `
  INSERT INTO machine_contact (machine_id, reached_at, failed_at, error)
  SELECT id, CASE WHEN error IS NULL THEN now() END, CASE WHEN error IS NOT NULL THEN now() END, error
  FROM unnest($1::text[], $2::text[]) AS c(id, error) ORDER BY id
  ON CONFLICT (machine_id) DO UPDATE SET reached_at = coalesce(EXCLUDED.reached_at, machine_contact.reached_at),
    failed_at = coalesce(EXCLUDED.failed_at, machine_contact.failed_at), error = EXCLUDED.error`

/** By the database's clock, as with the leases of nodes. Each machine once. */
export async function recordContacts(pool: Pool, contacts: readonly MachineContact[]): Promise<void> {
  if (contacts.length === 0) return
  await pool.query(RECORD, [contacts.map(({ machineId }) => machineId), contacts.map(({ error }) => error)])
}

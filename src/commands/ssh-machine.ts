import type { Pool } from 'pg'
import type { MachineId, PoolId } from '../domain/ids.js'
import type { MachineCommand } from '../domain/machine/commands.js'
import type { MachineHostKey } from '../domain/machine/events.js'
import { privateKeyContext } from '../domain/machine/key-context.js'
import { type HostKey, parseHostKey } from '../machines/host-keys.js'
import type { Probe } from '../machines/probe.js'
import type { SpoolIdentity } from '../machines/spool-identity.js'
import type { SshHostOptions } from '../machines/ssh.js'
import { DecryptionError, type Encryption } from '../platform/encryption.js'
import type { Statement } from '../platform/statement.js'
import type { Reader } from '../projections/list.js'

/** A machine over SSH as whoever reaches it knows it. */
export interface SshMachineRow {
  readonly id: MachineId
  readonly name: string
  readonly poolId: PoolId
  readonly isDraining: boolean
  readonly isQuarantined: boolean
  /** It is kept for the attempts that it still has. */
  readonly isRemoved: boolean
  /** Null: its private key cannot be read with this server's secret key. */
  readonly host: SshHostOptions | null
  /** Null until it was reached once. */
  readonly identity: SpoolIdentity | null
}

const READ = `
  SELECT m.id, m.name, m.pool_id, m.is_draining, m.is_quarantined, m.removed_at, m.host, m.port,
    m.login_user, m.host_key, m.spool_machine_id, m.spool_id, k.sealed
  FROM machine m LEFT JOIN machine_key k ON k.machine_id = m.id
  WHERE m.kind = 'SSH' AND ($1::text[] IS NULL OR m.id = ANY($1::text[]))
    AND (m.removed_at IS NULL OR EXISTS (SELECT FROM queue_hold h WHERE h.machine_id = m.id))`

interface Row {
  readonly id: MachineId
  readonly name: string
  readonly pool_id: PoolId
  readonly is_draining: boolean
  readonly is_quarantined: boolean
  readonly removed_at: Date | null
  readonly host: string
  readonly port: number
  readonly login_user: string
  readonly host_key: string | null
  readonly spool_machine_id: string | null
  readonly spool_id: string | null
  readonly sealed: Buffer | null
}

/** The machines over SSH, those that were removed too as long as they have attempts; null: all of them. */
export async function readSshMachines(
  db: Reader,
  encryption: Encryption,
  ids: readonly string[] | null,
): Promise<SshMachineRow[]> {
  const { rows } = await db.query<Row>(READ, [ids])
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    poolId: row.pool_id,
    isDraining: row.is_draining,
    isQuarantined: row.is_quarantined,
    isRemoved: row.removed_at !== null,
    host: hostOf(row, encryption),
    identity: row.spool_id === null ? null : { machineId: row.spool_machine_id ?? '', spoolId: row.spool_id },
  }))
}

function hostOf(row: Row, encryption: Encryption): SshHostOptions | null {
  if (row.sealed === null) return null
  const hostKey = row.host_key === null ? null : parseHostKey(row.host_key)
  try {
    const privateKey = encryption.decrypt(row.sealed, privateKeyContext(row.id)).toString()
    const hostKeys = hostKey === null ? [] : [hostKey]
    return { host: row.host, port: row.port, login: row.login_user, privateKey, hostKeys }
  } catch (error) {
    if (error instanceof DecryptionError) return null
    throw error
  }
}

const WRITE_KEY = `
  INSERT INTO machine_key (machine_id, sealed, updated_at) VALUES ($1::text, $2::bytea, $3::timestamptz)
  ON CONFLICT (machine_id) DO UPDATE SET sealed = EXCLUDED.sealed, updated_at = EXCLUDED.updated_at`

/** Keeps the login's private key, encrypted for this machine alone. */
export function writeMachineKey(
  machineId: MachineId,
  privateKey: string,
  encryption: Encryption,
  now: Date,
): Statement {
  return { text: WRITE_KEY, values: [machineId, encryption.encrypt(privateKey, privateKeyContext(machineId)), now] }
}

const DELETE_KEY = `
  DELETE FROM machine_key WHERE machine_id = $1::text
    AND NOT EXISTS (SELECT FROM queue_hold WHERE machine_id = $1::text)`

/** Forgets the key, unless an attempt that has just been dispatched there still needs it: then dispatchers do, at its end. */
export function deleteMachineKey(machineId: MachineId): Statement {
  return { text: DELETE_KEY, values: [machineId] }
}

const DELETE_LEFT_KEYS = `
  DELETE FROM machine_key k USING machine m
  WHERE m.id = k.machine_id AND m.removed_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM queue_hold h WHERE h.machine_id = m.id)`

/** Forgets the keys that machines kept when they were removed, for attempts that have ended since. */
export async function deleteLeftKeys(pool: Pool): Promise<void> {
  await pool.query(DELETE_LEFT_KEYS)
}

/** What the journal is to be told of a probe; null: nothing. */
export function probeCommand(probe: Probe): MachineCommand | null {
  switch (probe.kind) {
    case 'REACHED': {
      const { cpus: cpuCount, memoryBytes, kernel, machineId, spoolId } = probe.report
      return { type: 'RecordMachineFacts', facts: { cpuCount, memoryBytes, kernel, machineId, spoolId } }
    }
    case 'HOST_KEY':
      return { type: 'RecordHostKey', hostKey: machineHostKey(probe.hostKey) }
    case 'FAILED':
      return null
  }
}

/** A host's key in the journal's words. */
export function machineHostKey({ type, key, fingerprint }: HostKey): MachineHostKey {
  return { keyType: type, key, fingerprint }
}

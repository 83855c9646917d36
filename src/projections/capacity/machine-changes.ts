import type { MachineEvent, MachineRegistered } from '../../domain/machine/events.js'
import type { Statement } from '../../platform/statement.js'
import type { AppliedEvent } from '../projection.js'

/** Columns of a machine's row, by name. */
type Columns = Readonly<Record<string, unknown>>

const INSERT = `INSERT INTO machine SELECT * FROM jsonb_populate_recordset(NULL::machine, $1::jsonb)`

/** What changes can touch; the rest of a row stays as it was registered. */
const CHANGING = [
  'version',
  'updated_at',
  'pool_id',
  'slots',
  'labels',
  'allowed_run_users',
  'project_ids',
  'is_draining',
  'port',
  'login_user',
  'key_fingerprint',
  'host_key',
  'host_key_fingerprint',
  'offered_host_key',
  'offered_host_key_fingerprint',
  'is_quarantined',
  'cpu_count',
  'memory_bytes',
  'kernel',
  'spool_machine_id',
  'spool_id',
  'removed_at',
]

const UPDATE = `
  UPDATE machine m SET (${CHANGING.join(', ')}) =
    (SELECT ${CHANGING.map((column) => `n.${column}`).join(', ')} FROM jsonb_populate_record(m, c.change) AS n)
  FROM jsonb_array_elements($1::jsonb) AS c(change) WHERE m.id = c.change->>'id'`

/** One insert and one update, whatever the number of events. */
export function machineStatements(events: readonly AppliedEvent[]): Statement[] {
  const rows = new Map<string, { isNew: boolean; columns: Columns }>()
  for (const applied of events) {
    const columns = columnsOf(applied)
    if (columns === null) continue
    const { streamId, version, recordedAt } = applied
    const before = rows.get(streamId) ?? { isNew: applied.type === 'MachineRegistered', columns: { id: streamId } }
    rows.set(streamId, { ...before, columns: { ...before.columns, ...columns, version, updated_at: recordedAt } })
  }
  const statement = (text: string, isNew: boolean): Statement[] => {
    const mine = [...rows.values()].filter((row) => row.isNew === isNew).map((row) => row.columns)
    return mine.length === 0 ? [] : [{ text, values: [JSON.stringify(mine)] }]
  }
  // Updates first: a name that one of them gives up may be taken by a new one.
  return [...statement(UPDATE, false), ...statement(INSERT, true)]
}

/** Null for events of others. */
function columnsOf({ type, data, recordedAt }: AppliedEvent): Columns | null {
  const event = { type, data } as MachineEvent
  switch (event.type) {
    case 'MachineRegistered':
      return { ...registered(event.data), created_at: recordedAt }
    case 'MachineSettingsChanged': {
      const { poolId: pool_id, slots, labels, allowedRunUsers: allowed_run_users } = event.data
      const { projectIds: project_ids, isDraining: is_draining } = event.data
      return { pool_id, slots, labels, allowed_run_users, project_ids, is_draining }
    }
    case 'MachineLoginChanged': {
      const { port, loginUser: login_user, keyFingerprint: key_fingerprint } = event.data
      return { port, login_user, key_fingerprint }
    }
    case 'MachineHostKeyOffered':
      return offered(event.data)
    case 'MachineHostKeyApproved': {
      const { keyType, key, fingerprint: host_key_fingerprint } = event.data
      const host_key = textOf(keyType, key)
      // A host with another key may be another host, or the same one made anew.
      const anew = { spool_machine_id: null, spool_id: null, is_quarantined: false }
      return { ...offered(null), ...anew, host_key, host_key_fingerprint }
    }
    case 'MachineQuarantined':
      return { ...offered(event.data.offered), is_quarantined: true }
    case 'MachineProbed': {
      const { cpuCount: cpu_count, memoryBytes: memory_bytes, kernel } = event.data
      const { machineId: spool_machine_id, spoolId: spool_id } = event.data
      return { cpu_count, memory_bytes, kernel, spool_machine_id, spool_id }
    }
    case 'MachineRemoved':
      // Draining, too: a claim that looks at this moment finds no room on it.
      return { removed_at: recordedAt, is_draining: true }
    default:
      return null
  }
}

function registered({
  name,
  kind,
  host,
  hostIdentity,
  poolId,
  slots,
  cpuCount,
  memoryBytes,
}: MachineRegistered): Columns {
  return {
    name,
    kind,
    host,
    host_identity: hostIdentity,
    pool_id: poolId,
    slots,
    cpu_count: cpuCount,
    memory_bytes: memoryBytes,
    labels: [],
    allowed_run_users: [],
    project_ids: [],
    is_draining: false,
    is_quarantined: false,
  }
}

function offered(hostKey: { keyType: string; key: string; fingerprint: string } | null): Columns {
  return {
    offered_host_key: hostKey === null ? null : textOf(hostKey.keyType, hostKey.key),
    offered_host_key_fingerprint: hostKey?.fingerprint ?? null,
  }
}

/** As in known_hosts: `ssh-ed25519 AAAA...`. */
function textOf(keyType: string | null, key: string | null): string | null {
  return keyType === null || key === null ? null : `${keyType} ${key}`
}

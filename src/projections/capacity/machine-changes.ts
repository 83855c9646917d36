import type { MachineEvent, MachineRegistered } from '../../domain/machine/events.js'
import type { Statement } from '../../platform/statement.js'
import type { AppliedEvent } from '../projection.js'
import { type Columns, type RowTable, rowStatements } from './row-changes.js'

const MACHINE: RowTable = {
  name: 'machine',
  madeBy: 'MachineRegistered',
  endedBy: null,
  changing: [
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
  ],
}

/** One insert and one update, whatever the number of events. */
export function machineStatements(events: readonly AppliedEvent[]): Statement[] {
  return rowStatements(MACHINE, events, columnsOf)
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

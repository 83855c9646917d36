import { audienceOf, type SlaBreached, type SlaEvent } from '../../domain/sla/sla.js'
import type { Statement } from '../../platform/statement.js'
import { type Columns, type RowTable, rowStatements } from '../capacity/row-changes.js'
import { type AppliedEvent, columns, type Projection } from '../projection.js'

const SLA: RowTable = {
  name: 'sla',
  madeBy: 'SlaCreated',
  endedBy: null,
  changing: ['conditions', 'actions', 'priority', 'is_enabled', 'author', 'deleted_at'],
}

/** SLAs and their breaches. */
export const slaProjection: Projection = {
  name: 'slas',
  tables: ['sla', 'sla_breach'],
  statements(events) {
    const own = events.filter(({ type }) => type.startsWith('Sla'))
    return [...rowStatements(SLA, own, slaColumns), ...insert(own), ...resolve(own)]
  },
}

function slaColumns({ type, data, actor: author, recordedAt }: AppliedEvent): Columns | null {
  const event = { type, data } as SlaEvent
  switch (event.type) {
    case 'SlaCreated': {
      const { name, projectId, dagId, taskKey, queueId, poolId, conditions, actions, priority } = event.data
      const scope = { project_id: projectId, dag_id: dagId, task_key: taskKey, queue_id: queueId, pool_id: poolId }
      const rules = { conditions, actions, priority, is_enabled: true, author }
      return { name, audience: audienceOf(event.data), ...scope, ...rules, created_at: recordedAt }
    }
    case 'SlaSettingsChanged': {
      const { conditions, actions, priority, isEnabled: is_enabled } = event.data
      return { conditions, actions, priority, is_enabled, author }
    }
    case 'SlaDeleted':
      return { deleted_at: recordedAt }
    default:
      return null
  }
}

const INSERT = `
  INSERT INTO sla_breach (id, sla_id, audience, subject_id, run_id, instance_id, facts, breached_at)
  SELECT b.id, b.sla_id, s.audience, b.subject_id, b.run_id, b.instance_id, b.facts, b.breached_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
    AS b(id, sla_id, subject_id, run_id, instance_id, facts, breached_at)
  JOIN sla s ON s.id = b.sla_id`

function insert(events: readonly AppliedEvent[]): Statement[] {
  const rows = events
    .filter(({ type }) => type === 'SlaBreached')
    .map((applied) => ({ ...applied, data: applied.data as SlaBreached }))
  if (rows.length === 0) return []
  const values = columns(
    rows,
    ({ data }) => data.breachId,
    ({ streamId }) => streamId,
    ({ data }) => data.subjectId,
    ({ data }) => data.runId,
    ({ data }) => data.instanceId,
    ({ data }) => JSON.stringify(data.facts),
    ({ recordedAt }) => recordedAt,
  )
  return [{ name: 'insert-sla-breaches', text: INSERT, values }]
}

const RESOLVE = `
  UPDATE sla_breach b SET resolved_at = u.at FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at) WHERE b.id = u.id`

function resolve(events: readonly AppliedEvent[]): Statement[] {
  const rows = events.filter(({ type }) => type === 'SlaResolved')
  if (rows.length === 0) return []
  const values = columns(
    rows,
    ({ data }) => (data as { readonly breachId: string }).breachId,
    ({ recordedAt }) => recordedAt,
  )
  return [{ name: 'resolve-sla-breaches', text: RESOLVE, values }]
}

import type { Engine } from '../../domain/dag/action.js'
import type { TriggerRule } from '../../domain/dag/definition.js'
import { placementOf } from '../../domain/queue/lane.js'
import type { Waiter } from '../../domain/queue/wait-reasons.js'
import type { Reader } from '../list.js'

const READ = `
  SELECT i.id, i.status, i.project_id AS "projectId", i.retry_at AS "retryAt", r.id AS "runId", r.status AS "runStatus",
    r.max_parallel AS "maxParallel", t.trigger_rule AS "triggerRule", t.engine, t.queue, t.machine, t.cpu,
    t.memory_bytes AS "memoryBytes", e.placement
  FROM instance i JOIN run r ON r.id = i.run_id JOIN task t ON t.id = i.task_id
  LEFT JOIN queue_entry e ON e.instance_id = i.id
  WHERE i.id = ANY($1::text[]) AND i.status IN ('PENDING', 'QUEUED', 'RETRY_WAIT')`

const UPSTREAM = `
  SELECT me.id, count(*) AS total, count(*) FILTER (WHERE u.status = 'SUCCEEDED') AS succeeded,
    count(*) FILTER (WHERE u.status = 'SKIPPED') AS skipped,
    count(*) FILTER (WHERE u.ended_at IS NOT NULL AND u.status NOT IN ('SUCCEEDED', 'SKIPPED')) AS failed,
    coalesce((array_agg(u.task_key ORDER BY u.ordinal) FILTER (WHERE u.ended_at IS NULL))[1:3], '{}') AS open
  FROM instance me JOIN task t ON t.id = me.task_id JOIN instance u ON u.run_id = me.run_id AND u.ordinal = ANY(t.needs)
  WHERE me.id = ANY($1::text[]) GROUP BY me.id`

/** From the first time that an instance is queued to its end, as the run counts them; not what stands for its elements. */
const ACTIVE = `
  SELECT run_id AS "runId", count(*) AS count FROM instance
  WHERE run_id = ANY($1::text[]) AND status IN ('QUEUED', 'DISPATCHED', 'RUNNING', 'RETRY_WAIT', 'CANCELING', 'UNKNOWN')
    AND NOT (status = 'RUNNING' AND attempt = 0)
  GROUP BY run_id`

interface Row {
  readonly id: string
  readonly status: Waiter['status']
  readonly projectId: string
  readonly retryAt: Date | null
  readonly runId: string
  readonly runStatus: string
  readonly maxParallel: number | null
  readonly triggerRule: TriggerRule
  readonly engine: Engine
  readonly queue: string
  readonly machine: string | null
  readonly cpu: number
  readonly memoryBytes: number
  readonly placement: string | null
}

type Upstream = Waiter['upstream'] & { readonly id: string }

const NO_UPSTREAM: Waiter['upstream'] = { total: 0, succeeded: 0, failed: 0, skipped: 0, open: [] }

/** Those of the instances that have not started, by id, with what their runs say; three statements at most. */
export async function readWaiters(db: Reader, ids: readonly string[]): Promise<Map<string, Waiter>> {
  const { rows } = await db.query<Row>({ name: 'waiters', text: READ, values: [ids] })
  const pending = rows.filter(({ status }) => status === 'PENDING')
  const limited = pending.filter(({ maxParallel }) => maxParallel !== null)
  const [upstreams, active] = await Promise.all([
    pending.length === 0 ? [] : upstreamsOf(db, pending),
    limited.length === 0 ? new Map<string, number>() : activeOf(db, limited),
  ])
  const byId = new Map(upstreams.map((upstream) => [upstream.id, upstream]))
  return new Map(
    rows.map((row) => [row.id, waiterOf(row, byId.get(row.id) ?? NO_UPSTREAM, active.get(row.runId) ?? 0)]),
  )
}

async function upstreamsOf(db: Reader, rows: readonly Row[]): Promise<Upstream[]> {
  const ids = rows.map(({ id }) => id)
  return (await db.query<Upstream>({ name: 'waiters-upstream', text: UPSTREAM, values: [ids] })).rows
}

async function activeOf(db: Reader, rows: readonly Row[]): Promise<Map<string, number>> {
  const runs = [...new Set(rows.map(({ runId }) => runId))]
  const found = await db.query<{ runId: string; count: number }>({ text: ACTIVE, values: [runs] })
  return new Map(found.rows.map(({ runId, count }) => [runId, count]))
}

function waiterOf(row: Row, upstream: Waiter['upstream'], activeCount: number): Waiter {
  const { status, projectId, retryAt, runStatus, maxParallel, triggerRule, queue, cpu, memoryBytes } = row
  const { engine, machine, placement } = row
  return {
    status,
    run: { status: runStatus, maxParallel, activeCount },
    triggerRule,
    upstream,
    retryAt: retryAt?.toISOString() ?? null,
    wish: { projectId, queue, placement: placement ?? placementOf({ engine, machine }), cpu, memoryBytes },
  }
}

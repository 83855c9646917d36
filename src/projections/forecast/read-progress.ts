import { type Engine, needsMachine } from '../../domain/dag/plan.js'
import { type InstanceStatus, isInstanceEnd } from '../../domain/run/status.js'
import type { Reader } from '../list.js'

/** One instance of a run, as far as a forecast or the critical path asks. */
export interface Progress {
  readonly instanceId: string
  readonly taskKey: string
  /** Ordinals of those that it waits for. */
  readonly needs: readonly number[]
  readonly takesSlot: boolean
  readonly scriptPath: string | null
  /** Its machine by name; null: any. */
  readonly machine: string | null
  readonly hasSucceeded: boolean
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

const READ = `
  SELECT i.run_id AS "runId", i.id AS "instanceId", i.task_key AS "taskKey", t.needs, t.engine, t.machine,
    t.script_path AS "scriptPath", i.status, i.started_at AS "startedAt", i.ended_at AS "endedAt"
  FROM instance i JOIN task t ON t.id = i.task_id
  WHERE i.run_id = ANY($1::text[]) ORDER BY i.run_id, i.ordinal`

interface Row {
  readonly runId: string
  readonly instanceId: string
  readonly taskKey: string
  readonly needs: readonly number[]
  readonly engine: Engine
  readonly machine: string | null
  readonly scriptPath: string | null
  readonly status: InstanceStatus
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

/** How far every instance of the runs is, by run, by ordinal. */
export async function readProgress(db: Reader, runIds: readonly string[]): Promise<Map<string, Progress[]>> {
  const { rows } = await db.query<Row>({ name: 'read-progress', text: READ, values: [runIds] })
  const progress = new Map<string, Progress[]>(runIds.map((id) => [id, []]))
  for (const { runId, engine, status, ...row } of rows) {
    const endedAt = isInstanceEnd(status) ? row.endedAt : null
    progress
      .get(runId)
      ?.push({ ...row, endedAt, takesSlot: needsMachine(engine), hasSucceeded: status === 'SUCCEEDED' })
  }
  return progress
}

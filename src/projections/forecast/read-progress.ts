import { type Engine, needsMachine } from '../../domain/dag/action.js'
import { ELEMENT_STRIDE } from '../../domain/dag/elements.js'
import { type InstanceStatus, isInstanceEnd } from '../../domain/run/status.js'
import type { Reader } from '../list.js'

/** One instance of a run, as far as a forecast or the critical path asks. */
export interface Progress {
  readonly instanceId: string
  readonly taskKey: string
  /** Places in the run's list of those that it waits for; of one that stands for elements, theirs. */
  readonly needs: readonly number[]
  /** It stands for the elements of its list, and does nothing itself. */
  readonly isGroup: boolean
  readonly takesSlot: boolean
  readonly scriptPath: string | null
  /** Its machine by name; null: any. */
  readonly machine: string | null
  readonly hasSucceeded: boolean
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

const READ = `
  SELECT i.run_id AS "runId", i.id AS "instanceId", i.ordinal, i.task_id AS "taskId", i.task_key AS "taskKey", t.needs, t.engine, t.machine,
    t.script_path AS "scriptPath", i.status, i.started_at AS "startedAt", i.ended_at AS "endedAt"
  FROM instance i JOIN task t ON t.id = i.task_id
  WHERE i.run_id = ANY($1::text[]) ORDER BY i.run_id, i.ordinal`

interface Row {
  readonly runId: string
  readonly instanceId: string
  readonly ordinal: number
  readonly taskId: string
  readonly taskKey: string
  readonly needs: readonly number[]
  readonly engine: Engine
  readonly machine: string | null
  readonly scriptPath: string | null
  readonly status: InstanceStatus
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

/** What the elements of a list, and the instance that stands for them, have in common. */
function groupOf({ runId, taskId }: Row): string {
  return `${runId} ${taskId}`
}

/**
 * How far every instance of the runs is, by run, by ordinal: the plan's own tasks first, at the places that `needs` name.
 * One whose list was read waits for its elements, which wait for what it waited for.
 */
export async function readProgress(db: Reader, runIds: readonly string[]): Promise<Map<string, Progress[]>> {
  const { rows } = await db.query<Row>({ name: 'read-progress', text: READ, values: [runIds] })
  const progress = new Map<string, Progress[]>(runIds.map((id) => [id, []]))
  const elements = placesOfElements(rows)
  for (const row of rows) {
    const { runId, instanceId, taskKey, needs, scriptPath, machine, status, startedAt } = row
    const endedAt = isInstanceEnd(status) ? row.endedAt : null
    const own = row.ordinal < ELEMENT_STRIDE ? elements.get(groupOf(row)) : undefined
    const isGroup = own !== undefined
    const takesSlot = needsMachine(row.engine) && !isGroup
    const times = { startedAt: isGroup && endedAt === null ? null : startedAt, endedAt }
    const rest = { scriptPath, machine, ...times, hasSucceeded: status === 'SUCCEEDED' }
    progress.get(runId)?.push({ instanceId, taskKey, needs: own ?? needs, isGroup, takesSlot, ...rest })
  }
  return progress
}

/** By group, where its elements stand among the rows of their run. */
function placesOfElements(rows: readonly Row[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  const counts = new Map<string, number>()
  for (const row of rows) {
    const place = counts.get(row.runId) ?? 0
    counts.set(row.runId, place + 1)
    if (row.ordinal < ELEMENT_STRIDE) continue
    const own = places.get(groupOf(row)) ?? []
    own.push(place)
    places.set(groupOf(row), own)
  }
  return places
}

import { containing, type List, where } from '../list.js'
import { DAG_COLUMNS, DAG_STATE, type DagState } from './dag-row.js'

/** What a list of DAGs is limited to; every given part must hold. */
export interface DagFilter {
  /** Part of the name or the description, in either case. */
  readonly search?: string | null
  readonly taskType?: string | null
  readonly isEnabled?: boolean | null
  readonly states?: readonly DagState[] | null
}

/** The DAGs of projects, by name. */
export function dagList(filter: DagFilter): List {
  const pattern = filter.search ? containing(filter.search) : null
  return {
    select: DAG_COLUMNS,
    from: 'dag d',
    parent: 'd.project_id',
    conditions: [
      { sql: 'd.deleted_at IS NULL', values: [] },
      ...(pattern === null
        ? []
        : [{ sql: 'd.name ILIKE $?::text OR d.description ILIKE $?::text', values: [pattern, pattern] }]),
      ...where('d.task_type = $?::text', filter.taskType),
      ...where('d.is_enabled = $?::boolean', filter.isEnabled),
      ...where(`${DAG_STATE} = ANY($?::text[])`, filter.states),
    ],
    key: [
      { sql: 'd.name', cast: 'text' },
      { sql: 'd.id', cast: 'text' },
    ],
    direction: 'ASC',
  }
}

import { ELEMENT_STRIDE } from '../../domain/dag/elements.js'
import type { Verdict } from '../../domain/dag/verdict.js'
import { type InstanceStatus, isInstanceEnd } from '../../domain/run/status.js'
import { type Condition, type List, where } from '../list.js'
import { INSTANCE_COLUMNS } from './instance-row.js'

/** What a list of instances is limited to; every given part must hold. */
export interface InstanceFilter {
  readonly projectId?: string | null
  readonly dagId?: string | null
  readonly runId?: string | null
  readonly statuses?: readonly InstanceStatus[] | null
  readonly taskKeys?: readonly string[] | null
  readonly machineId?: string | null
  readonly queueId?: string | null
  /** All of them, among the run's and the task's. */
  readonly tags?: readonly string[] | null
  readonly verdict?: Verdict | null
  readonly scriptPath?: string | null
  readonly module?: string | null
  readonly startedFrom?: Date | null
  readonly startedTo?: Date | null
}

/** A run's instances, in the file's order. */
export function instancesOfRun(filter: InstanceFilter): List {
  return {
    select: INSTANCE_COLUMNS,
    from: 'instance i',
    parent: 'i.run_id',
    conditions: conditionsOf(filter),
    key: [{ sql: 'i.ordinal', cast: 'integer' }],
    direction: 'ASC',
  }
}

/** The instances of projects or DAGs, those of the newest run first; a run's, from the last task to the first. */
export function newestInstances(parent: 'project' | 'dag', filter: InstanceFilter): List {
  return {
    select: INSTANCE_COLUMNS,
    from: 'run r JOIN instance i ON i.run_id = r.id',
    parent: { project: 'r.project_id', dag: 'r.dag_id' }[parent],
    conditions: conditionsOf(filter),
    key: [
      { sql: 'r.created_at', cast: 'timestamptz' },
      { sql: 'r.id', cast: 'text' },
      { sql: 'i.ordinal', cast: 'integer' },
    ],
    indexed: 2,
    direction: 'DESC',
  }
}

/** In the same order those that were judged PASS or FAIL, which an index of their own knows; of a DAG, by its project's. */
export function newestJudged(parent: 'project' | 'dag', filter: InstanceFilter): List {
  return {
    ...newestOnMachine(filter),
    from:
      parent === 'project' ? 'instance i' : 'dag d JOIN instance i ON i.project_id = d.project_id AND i.dag_id = d.id',
    parent: parent === 'project' ? 'i.project_id' : 'd.id',
    conditions: [...conditionsOf(filter), { sql: "i.verdict IN ('PASS', 'FAIL')", values: [] }],
  }
}

/** In the same order those of scripts: from the tasks that name them where these are few, else run by run. */
export function newestOfScripts(parent: 'project' | 'dag', filter: InstanceFilter): List {
  return {
    ...newestInstances(parent, filter),
    from: `run r JOIN task s ON s.plan_id = r.plan_id AND s.project_id = r.project_id CROSS JOIN LATERAL (
      SELECT * FROM instance WHERE run_id = r.id AND ordinal = s.ordinal UNION ALL
      SELECT * FROM instance WHERE run_id = r.id AND ordinal >= (s.ordinal + 1) * ${ELEMENT_STRIDE}
        AND ordinal < (s.ordinal + 2) * ${ELEMENT_STRIDE}) AS i`,
    conditions: [...conditionsOf({ ...filter, scriptPath: null, module: null }), ...scriptConditions('s', filter)],
  }
}

/** The instances that a machine has executed, in the same order. */
export function newestOnMachine(filter: InstanceFilter): List {
  return {
    select: INSTANCE_COLUMNS,
    from: 'instance i',
    parent: 'i.machine_id',
    conditions: conditionsOf(filter),
    key: [
      { sql: 'i.created_at', cast: 'timestamptz' },
      { sql: 'i.run_id', cast: 'text' },
      { sql: 'i.ordinal', cast: 'integer' },
    ],
    direction: 'DESC',
  }
}

/** Of tasks `t`, of whichever version: the runs `r` of any version, and the instances `i` of the same key in them. */
export const INSTANCES_OF_TASKS = `task t JOIN run r ON r.dag_id = t.dag_id
    JOIN task v ON v.plan_id = r.plan_id AND v.key = t.key JOIN instance i ON i.run_id = r.id AND i.ordinal = v.ordinal`

/** The instances of tasks, whichever version they were in, newest first; the parent is any version's task. */
export function instancesOfTask(filter: InstanceFilter): List {
  return {
    ...newestInstances('dag', filter),
    from: INSTANCES_OF_TASKS,
    parent: 't.id',
  }
}

/** The instances that an instance waits for, or that wait for it, in the file's order. */
export function neighbours(which: 'upstream' | 'downstream'): List {
  const join =
    which === 'upstream'
      ? 'JOIN instance i ON i.run_id = me.run_id AND i.ordinal = ANY(mine.needs)'
      : `JOIN task t ON t.plan_id = mine.plan_id AND t.needs @> ARRAY[mine.ordinal]
         JOIN instance i ON i.run_id = me.run_id AND i.ordinal = t.ordinal`
  return {
    ...instancesOfRun({}),
    from: `instance me JOIN task mine ON mine.id = me.task_id ${join}`,
    parent: 'me.id',
  }
}

/** Limits to what the projects hold; null: no limit. */
export function inProjects(column: string, projects: readonly string[] | null): Condition[] {
  return where(`${column} = ANY($?::text[])`, projects)
}

function conditionsOf(filter: InstanceFilter): Condition[] {
  return [
    ...where('i.project_id = $?::text', filter.projectId),
    ...where('i.dag_id = $?::text', filter.dagId),
    ...where('i.run_id = $?::text', filter.runId),
    ...statusConditions(filter.statuses ?? null),
    ...where('i.task_key = ANY($?::text[])', filter.taskKeys),
    ...where('i.machine_id = $?::text', filter.machineId),
    ...where(
      'EXISTS (SELECT FROM task q JOIN queue ON queue.name = q.queue WHERE q.id = i.task_id AND queue.id = $?::text)',
      filter.queueId,
    ),
    ...where(
      `EXISTS (SELECT FROM task t JOIN run r ON r.id = i.run_id WHERE t.id = i.task_id AND r.tags || t.tags @> $?::text[])`,
      filter.tags,
    ),
    ...verdictConditions(filter.verdict ?? null),
    ...scriptConditions(null, filter),
    ...where('i.started_at >= $?::timestamptz', filter.startedFrom),
    ...where('i.started_at < $?::timestamptz', filter.startedTo),
  ]
}

/** What was not judged has none, and counts as UNKNOWN. */
function verdictConditions(verdict: Verdict | null): Condition[] {
  if (verdict === 'UNKNOWN') return [{ sql: "coalesce(i.verdict, 'UNKNOWN') = 'UNKNOWN'", values: [] }]
  return where('i.verdict = $?::text', verdict)
}

/** `task`: the alias of the instance's task; null: it is looked up. A path's hash is what the index has. */
function scriptConditions(task: string | null, { scriptPath, module }: InstanceFilter): Condition[] {
  const of = task ?? 'script'
  const conditions = [['script_path', scriptPath] as const, ['module', module] as const].flatMap(([column, value]) =>
    value === undefined || value === null
      ? []
      : [{ sql: `md5(${of}.${column}) = md5($?::text) AND ${of}.${column} = $?::text`, values: [value, value] }],
  )
  if (task !== null) return conditions
  return conditions.map(({ sql, values }) => {
    return { sql: `EXISTS (SELECT FROM task script WHERE script.id = i.task_id AND ${sql})`, values }
  })
}

/** What has not ended is in a run that has not: few of all there ever were, and an index knows them. */
function statusConditions(statuses: readonly InstanceStatus[] | null): Condition[] {
  const isLive = statuses !== null && statuses.length > 0 && !statuses.some(isInstanceEnd)
  const open = { sql: 'i.run_id IN (SELECT id FROM run WHERE ended_at IS NULL)', values: [] }
  return [...where('i.status = ANY($?::text[])', statuses), ...(isLive ? [open] : [])]
}

import { parseElementKey } from '../../domain/dag/elements.js'
import type { Reader } from '../list.js'

/** As many of the newest ended runs of a DAG are looked at, or of the newest tasks with a script. */
const MOST_RUNS = 10
/** A DAG of 10,000 tasks is judged by its last two runs. */
const MOST_INSTANCES = 20_000

const SECONDS = 'extract(epoch FROM i.ended_at - i.started_at)::double precision'

/** As `usualName` has it. */
const NAME = `CASE WHEN i.item IS NULL THEN i.task_key ELSE regexp_replace(i.task_key, '\\[\\d+\\]$', '[]') END`

const BY_DAG = `
  WITH recent AS (
    SELECT r.id, dag.id AS dag_id FROM unnest($1::text[], $2::integer[]) AS dag(id, runs)
    CROSS JOIN LATERAL (SELECT run.id FROM run WHERE run.dag_id = dag.id AND run.ended_at IS NOT NULL
      ORDER BY run.created_at DESC, run.id DESC LIMIT dag.runs) AS r
  )
  SELECT recent.dag_id AS owner, ${NAME} AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY ${SECONDS}) AS seconds
  FROM recent JOIN instance i ON i.run_id = recent.id
  WHERE i.status = 'SUCCEEDED' AND i.started_at IS NOT NULL
  GROUP BY 1, 2`

const BY_SCRIPT = `
  SELECT script.project AS owner, script.path AS name, percentile_cont(0.5) WITHIN GROUP (ORDER BY ${SECONDS}) AS seconds
  FROM unnest($1::text[], $2::text[]) AS script(project, path)
  CROSS JOIN LATERAL (
    SELECT t.plan_id, t.ordinal FROM task t
    WHERE t.project_id = script.project AND md5(t.script_path) = md5(script.path) AND t.script_path = script.path
      AND t.dag_id IS NULL AND t.plan_id <> ALL($3::text[])
    ORDER BY t.created_at DESC LIMIT ${MOST_RUNS}) AS recent
  JOIN instance i ON i.run_id = recent.plan_id AND i.ordinal = recent.ordinal
  WHERE i.status = 'SUCCEEDED' AND i.started_at IS NOT NULL
  GROUP BY script.project, script.path`

/** Seconds that what succeeded took before: the median, by owner and name. */
export class UsualSeconds {
  readonly #seconds = new Map<string, number>()

  add(rows: readonly { readonly owner: string; readonly name: string; readonly seconds: number }[]): this {
    for (const { owner, name, seconds } of rows) this.#seconds.set(`${owner} ${name}`, seconds)
    return this
  }

  /** Null: it never succeeded. */
  of(owner: string, name: string): number | null {
    return this.#seconds.get(`${owner} ${name}`) ?? null
  }
}

/** Under what the times of a task are kept: those of its elements together, whose places say nothing of the next list. */
export function usualName(taskKey: string): string {
  const element = parseElementKey(taskKey)
  return element === null ? taskKey : `${element.task}[]`
}

/** By DAG and name (`usualName`), whatever the version: from its newest runs that have ended, fewer where they are large. */
export async function readUsualOfDags(db: Reader, dags: ReadonlyMap<string, number>): Promise<UsualSeconds> {
  const usual = new UsualSeconds()
  if (dags.size === 0) return usual
  const runs = [...dags.values()].map((tasks) =>
    Math.max(1, Math.min(MOST_RUNS, Math.floor(MOST_INSTANCES / Math.max(1, tasks)))),
  )
  const { rows } = await db.query({ name: 'usual-of-dags', text: BY_DAG, values: [[...dags.keys()], runs] })
  return usual.add(rows)
}

/** By project and path: from the newest batches and single tasks with that script, other than the runs given. */
export async function readUsualOfScripts(
  db: Reader,
  scripts: readonly { readonly projectId: string; readonly path: string }[],
  without: readonly string[],
): Promise<UsualSeconds> {
  const usual = new UsualSeconds()
  const distinct = [...new Map(scripts.map((script) => [`${script.projectId} ${script.path}`, script])).values()]
  if (distinct.length === 0) return usual
  const values = [distinct.map(({ projectId }) => projectId), distinct.map(({ path }) => path), without]
  const { rows } = await db.query({ name: 'usual-of-scripts', text: BY_SCRIPT, values })
  return usual.add(rows)
}

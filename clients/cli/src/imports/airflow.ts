import { RefusedFailure } from '../failure.js'
import { airflowTasks } from './airflow-tasks.js'
import { airflowSchedule, secondsOf } from './airflow-times.js'
import { DagNames } from './dag-names.js'
import { type ImportedDag, type ImportResult, Notes } from './imported.js'
import { asList, asMapping, asText, type Mapping, YamlSource } from './yaml-source.js'

const TAKEN = new Set([
  'default_args',
  'description',
  'schedule',
  'schedule_interval',
  'timetable',
  'catchup',
  'max_active_runs',
  'concurrency',
  'max_active_tasks',
  'dagrun_timeout',
  'dagrun_timeout_sec',
  'tags',
  'params',
  'tasks',
  'task_groups',
  'start_date',
  'end_date',
  'dag_id',
  'timezone',
])
const TAKEN_ARGS = new Set([
  'start_date',
  'end_date',
  'retries',
  'retry_delay',
  'retry_delay_sec',
  'retry_exponential_backoff',
  'max_retry_delay',
  'execution_timeout',
  'execution_timeout_secs',
  'trigger_rule',
  'priority_weight',
  'timezone',
])
/** Of how Airflow shows a DAG, or of no meaning here. */
const SILENT = new Set([
  'owner',
  'orientation',
  'default_view',
  'doc_md',
  'is_paused_upon_creation',
  'render_template_as_native_obj',
])

/**
 * DAGs in YAML, in the form of dag-factory: a mapping of DAGs by id, each with `tasks`, and `default` for what they share.
 * Throws RefusedFailure for what is none.
 */
export function importAirflow(text: string): ImportResult {
  const source = new YamlSource(text, 'Airflow DAGs')
  const top = asMapping(source.value)
  if (top === null) throw new RefusedFailure('Airflow DAGs: must be a mapping of DAGs by id')
  const notes = new Notes()
  const names = new DagNames(notes)
  const shared = asMapping(top.default) ?? {}
  const definitions = Object.entries(top).flatMap(([id, value]) => {
    if (id === 'default') return []
    const own = asMapping(value)
    if (own === null || own.tasks === undefined) {
      throw new RefusedFailure(`Airflow DAGs: line ${source.line(id) ?? 1}: ${id} must be a DAG, a mapping with tasks`)
    }
    const args = { ...asMapping(shared.default_args), ...asMapping(own.default_args) }
    return [dagOf(id, { ...shared, ...own, default_args: args }, source, names, notes)]
  })
  if (definitions.length === 0) throw new RefusedFailure('Airflow DAGs: must have a DAG beside default, given none')
  return notes.result(definitions)
}

function dagOf(id: string, dag: Mapping, source: YamlSource, names: DagNames, notes: Notes): ImportedDag {
  // What a DAG shares with others stands under `default`.
  const lineOf = (...path: (string | number)[]) =>
    asMapping((source.value as Mapping)[id])?.[String(path[0])] === undefined
      ? source.line('default', ...path)
      : source.line(id, ...path)
  const args = asMapping(dag.default_args) ?? {}
  const name = names.take(asText(dag.dag_id) ?? id, source.line(id), `DAG ${id}`)
  const description = asText(dag.description)?.trim()
  const tags = asList(dag.tags).flatMap((tag) => asText(tag)?.slice(0, 100) ?? [])
  const schedule = airflowSchedule(dag, args, lineOf, notes)
  const timeout = secondsOf(dag.dagrun_timeout ?? dag.dagrun_timeout_sec)
  const maxParallel = Number(asText(dag.max_active_tasks ?? dag.concurrency) ?? Number.NaN)
  const parameters = paramsOf(dag.params)
  const tasks = airflowTasks(dag, args, (...path) => source.line(id, ...path), notes)
  for (const key of Object.keys(dag)) {
    if (!TAKEN.has(key) && !SILENT.has(key)) notes.lose(lineOf(key), key, `${key}: has no counterpart`)
  }
  for (const key of Object.keys(args)) {
    if (!TAKEN_ARGS.has(key) && !SILENT.has(key))
      notes.lose(lineOf('default_args', key), `default_args.${key}`, `default_args.${key}: has no counterpart`)
  }
  return {
    name,
    ...(description ? { description } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(schedule === null ? {} : { schedule }),
    ...(timeout === null ? {} : { timeout }),
    ...(Number.isInteger(maxParallel) && maxParallel > 0 ? { maxParallel: Math.min(maxParallel, 10_000) } : {}),
    ...(parameters === null ? {} : { parameters }),
    tasks,
  }
}

/** Airflow's params are values that stand for their defaults, or mappings with `default` and JSON Schema. */
function paramsOf(params: unknown): Mapping | null {
  const given = asMapping(params)
  if (given === null || Object.keys(given).length === 0) return null
  const properties = Object.entries(given).map(([name, value]) => {
    const schema = asMapping(value)
    return [name, schema !== null && ('default' in schema || 'type' in schema) ? schema : { default: value }]
  })
  return { type: 'object', properties: Object.fromEntries(properties) }
}

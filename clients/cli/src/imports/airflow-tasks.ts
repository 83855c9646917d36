import { RefusedFailure } from '../failure.js'
import { taskKeys } from '../wfformat/names.js'
import { secondsOf } from './airflow-times.js'
import { type ImportedTask, inShell, missingStep, type Notes, shellVariable } from './imported.js'
import { optionVariable } from './rundeck-options.js'
import { asList, asMapping, asText, isTrue, type LineOf, type Mapping } from './yaml-source.js'

interface AirflowTask {
  readonly id: string
  readonly task: Mapping
  readonly group: string | null
  readonly line: LineOf
}

const RULES: ReadonlyMap<string, string> = new Map(
  [
    'ALL_SUCCESS',
    'ALL_FAILED',
    'ALL_DONE',
    'ALL_DONE_MIN_ONE_SUCCESS',
    'ONE_SUCCESS',
    'ONE_FAILED',
    'ONE_DONE',
    'NONE_FAILED',
    'NONE_SKIPPED',
    'NONE_FAILED_MIN_ONE_SUCCESS',
    'ALL_SKIPPED',
    'ALWAYS',
  ].map((rule) => [rule.toLowerCase(), rule]),
)
const TAKEN = new Set([
  'task_id',
  'operator',
  'bash_command',
  'env',
  'append_env',
  'cwd',
  'dependencies',
  'task_group_name',
  'retries',
  'retry_delay',
  'retry_delay_sec',
  'retry_exponential_backoff',
  'max_retry_delay',
  'execution_timeout',
  'execution_timeout_secs',
  'trigger_rule',
  'priority_weight',
])
/** What only bash understands. */
const BASHISM = /\[\[|<\(|>\(|<<<|\bpipefail\b|\bfunction\s|\$\{[^}]*[,^/]|=\(|\bsource\s/

/** The tasks of a DAG by key, those of groups among them. */
export function airflowTasks(dag: Mapping, args: Mapping, lineOf: LineOf, notes: Notes): Record<string, ImportedTask> {
  const tasks = tasksOf(dag.tasks, lineOf)
  const keys = new Map(taskKeys(tasks.map(({ id }) => id)).map((key, at) => [tasks[at]?.id ?? '', key]))
  const groups = groupsOf(dag.task_groups)
  const entries = tasks.map((each): [string, ImportedTask] => {
    const { id, task, line } = each
    const key = keys.get(id) as string
    if (key !== id) notes.add(line(), 'RENAMED', `Task ${id} became ${key}`)
    const needs = needsOf(each, tasks, groups, notes).map((need) => keys.get(need) as string)
    for (const name of Object.keys(task)) {
      if (!TAKEN.has(name) && !isOfOperator(name))
        notes.lose(line(name), `${name} of tasks`, `Task ${id}: ${name} has no counterpart`)
    }
    return [
      key,
      {
        ...(key === id ? {} : { name: id }),
        ...(needs.length > 0 ? { needs } : {}),
        ...commonOf(each, args, notes),
        ...actionOf(each, notes),
      },
    ]
  })
  return Object.fromEntries(entries)
}

/** By id, or a list with `task_id`. */
function tasksOf(given: unknown, lineOf: LineOf): AirflowTask[] {
  const mapping = asMapping(given)
  const entries: [string, unknown, string | number][] =
    mapping === null
      ? asList(given).map((task, index) => [asText(asMapping(task)?.task_id) ?? '', task, index])
      : Object.entries(mapping).map(([id, task]) => [id, task, id])
  return entries.map(([id, value, at]) => {
    const task = asMapping(value)
    const line: LineOf = (...path) => lineOf('tasks', at, ...path)
    if (task === null || id === '')
      throw new RefusedFailure(`Airflow DAGs: line ${line() ?? 1} must be a task with an id and an operator`)
    return { id, task, group: asText(task.task_group_name), line }
  })
}

function groupsOf(given: unknown): Map<string, Mapping> {
  const mapping = asMapping(given)
  if (mapping !== null) return new Map(Object.entries(mapping).map(([name, group]) => [name, asMapping(group) ?? {}]))
  return new Map(
    asList(given).flatMap((value) => {
      const group = asMapping(value)
      const name = asText(group?.group_name)
      return group === null || name === null ? [] : [[name, group] as const]
    }),
  )
}

/** Its own dependencies and its group's; a group stands for all of its tasks. */
function needsOf(
  { id, task, group, line }: AirflowTask,
  tasks: readonly AirflowTask[],
  groups: ReadonlyMap<string, Mapping>,
  notes: Notes,
): string[] {
  const ids = new Set(tasks.map((each) => each.id))
  const wanted = [...asList(task.dependencies), ...asList(groups.get(group ?? '')?.dependencies)]
  const needs = wanted.flatMap((value) => {
    const name = asText(value) ?? ''
    if (groups.has(name)) return tasks.filter((each) => each.group === name).map((each) => each.id)
    const last = name.split('.').at(-1) ?? ''
    if (ids.has(name)) return [name]
    if (ids.has(last)) return [last]
    notes.lose(line('dependencies'), 'dependencies on nobody', `Task ${id}: depends on ${name}, which is no task here`)
    return []
  })
  return [...new Set(needs)].filter((need) => need !== id)
}

function commonOf({ id, task, line }: AirflowTask, args: Mapping, notes: Notes): ImportedTask {
  const said = { ...args, ...task }
  const rule = asText(said.trigger_rule)?.toLowerCase().split('.').at(-1)
  const when = rule === 'dummy' ? 'ALWAYS' : RULES.get(rule ?? 'all_success')
  if (when === undefined)
    notes.lose(line('trigger_rule'), 'trigger rules', `Task ${id}: trigger rule ${rule} has no counterpart`)
  const retries = Number(asText(said.retries) ?? 0)
  const delay = secondsOf(said.retry_delay ?? said.retry_delay_sec)
  const maxDelay = secondsOf(said.max_retry_delay)
  const timeout = secondsOf(said.execution_timeout ?? said.execution_timeout_secs)
  const priority = Number(asText(said.priority_weight) ?? 0)
  return {
    ...(when === undefined || when === 'ALL_SUCCESS' ? {} : { when }),
    ...(retries > 0
      ? {
          retry: {
            maxAttempts: retries + 1,
            delay: delay ?? 300,
            ...(isTrue(said.retry_exponential_backoff) ? { backoff: 'EXPONENTIAL' } : {}),
            ...(maxDelay === null ? {} : { maxDelay }),
          },
        }
      : {}),
    ...(timeout === null ? {} : { timeout }),
    ...(priority === 0 ? {} : { priority: Math.max(-100, Math.min(100, priority)) }),
  }
}

function isOfOperator(name: string): boolean {
  return name.startsWith('python_callable')
}

function actionOf({ id, task, line }: AirflowTask, notes: Notes): ImportedTask {
  const operator = (asText(task.operator) ?? '').split('.').at(-1) ?? ''
  const command = asText(task.bash_command)
  if (/^(Empty|Dummy)Operator$/.test(operator)) return { noop: {} }
  if (operator !== 'BashOperator' || command === null) {
    notes.lose(
      line('operator'),
      'operators',
      `Task ${id}: ${operator || 'no operator'} has no counterpart; its task fails until you write it`,
    )
    return missingStep(`${operator} ${id}`)
  }
  const text = withVariables(command, id, line('bash_command'), notes)
  const env = asMapping(task.env)
  const cwd = asText(task.cwd)
  return {
    ...inShell(BASHISM.test(text) ? 'bash' : 'sh', text),
    ...(cwd === null ? {} : { directory: cwd }),
    ...(env === null ? {} : { env }),
  }
}

/** `{{ ds }}`, `{{ ts }}` and `{{ params.x }}` become variables of the shell. */
function withVariables(command: string, id: string, line: number | null, notes: Notes): string {
  let hasChanged = false
  const text = command.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (whole, expression: string) => {
    const parameter = /^(?:dag_run\.conf|params)\.(\w+)$|^(?:dag_run\.conf|params)\[['"](\w+)['"]\]$/.exec(expression)
    const variable =
      expression === 'ds'
        ? shellVariable('DAGBOOK_LOGICAL_DATE%%T*')
        : expression === 'ts'
          ? shellVariable('DAGBOOK_LOGICAL_DATE')
          : parameter === null
            ? null
            : shellVariable(optionVariable(parameter[1] ?? parameter[2] ?? ''))
    if (variable === null) {
      notes.lose(line, 'templates of commands', `Task ${id}: ${whole} has no counterpart`)
      return whole
    }
    hasChanged = true
    return variable
  })
  if (hasChanged)
    notes.add(
      line,
      'CHANGED',
      `Task ${id}: templates became variables of the shell, which single quotes keep as they are`,
    )
  if (/\{%/.test(text)) notes.lose(line, 'templates of commands', `Task ${id}: {% ... %} has no counterpart`)
  return text
}

import { checkDefinitionIsolated } from '../definitions/check-isolated.js'
import type { DefinitionProblem, DefinitionReport } from '../definitions/definition-report.js'
import { MAX_PROBLEMS } from '../definitions/limits.js'
import { locateInSource } from '../definitions/locate-in-source.js'
import type { DagDefinition, TaskDefinition } from '../domain/dag/definition.js'
import { effectiveTask, type Plan, planOf } from '../domain/dag/plan.js'
import type { Rejection } from '../domain/rejection.js'
import { findMachinePools, findQueueTerms, type QueueTerms } from '../projections/capacity/find-names.js'
import { findRunUsers } from '../projections/capacity/find-run-users.js'
import type { Reader } from '../projections/list.js'
import { pinTemplates } from './pin-templates.js'
import { rejection } from './prepared.js'

/** Of reading one file in a worker; 10 MB take a few seconds. */
export const CHECK_DEADLINE_MS = 20_000

/**
 * Everything that is wrong with the text of a DAG file, names of queues, machines and templates that do not exist
 * included. The definition names the versions of its templates and says what they are. `projectId`: whose it is to be, null:
 * nobody's yet, and then it is not seen which queues are kept for others.
 */
export async function checkSource(db: Reader, source: string, projectId: string | null): Promise<DefinitionReport> {
  const report = await checkDefinitionIsolated(source, CHECK_DEADLINE_MS)
  if (report.definition === null) return report
  const { definition, rejections } = await pinTemplates(db, report.definition)
  const found = [...rejections, ...(await unknownReferences(db, definition, projectId))]
  if (found.length === 0) return { definition, problems: [] }
  const places = locateInSource(
    source,
    found.map(({ path }) => path),
  )
  const problems = found.map((problem, index) => ({ ...problem, ...places[index] }) as DefinitionProblem)
  return { definition: null, problems: cut(problems) }
}

/** As many as a report of the file itself shows. */
function cut(problems: DefinitionProblem[]): DefinitionProblem[] {
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  const next = problems[MAX_PROBLEMS]
  if (next === undefined) return problems
  const message = `The file has ${problems.length - MAX_PROBLEMS} more problems from here on`
  return [...problems.slice(0, MAX_PROBLEMS), { ...next, code: 'INVALID', message }]
}

/** Each name once, where it is said first: at the task, or where its template is. */
export async function unknownReferences(
  db: Reader,
  definition: DagDefinition,
  projectId: string | null,
): Promise<Rejection[]> {
  const { tasks } = planOf(definition)
  const queues = firstUses(tasks, ({ queue }) => queue)
  const machines = firstUses(tasks, ({ machine }) => machine)
  const [queueTerms, machinePools] = await Promise.all([
    findQueueTerms(db, [...queues.keys()]),
    findMachinePools(db, [...machines.keys()]),
  ])
  const problems: Rejection[] = []
  for (const [name, task] of queues) {
    if (queueTerms.has(name)) continue
    problems.push(rejection('UNKNOWN_REFERENCE', `Queue ${name} does not exist`, ...pathOf(definition, task, 'queue')))
  }
  for (const [name, task] of machines) {
    if (machinePools.has(name)) continue
    const path = pathOf(definition, task, 'machine')
    problems.push(rejection('UNKNOWN_REFERENCE', `Machine ${name} does not exist`, ...path))
  }
  if (problems.length > 0) return problems
  return [
    ...closedQueues(definition, queues, queueTerms, projectId),
    ...hugeWishes(definition, tasks, queueTerms),
    ...strayMachines(definition, tasks, queueTerms, machinePools),
    ...(await strayUsers(db, definition, tasks)),
  ]
}

/** Queues that are kept for other projects. */
function closedQueues(
  definition: DagDefinition,
  queues: ReadonlyMap<string, string>,
  terms: ReadonlyMap<string, QueueTerms>,
  projectId: string | null,
): Rejection[] {
  return [...queues].flatMap(([name, task]) => {
    const { projectIds } = terms.get(name) as QueueTerms
    if (projectId === null || projectIds.length === 0 || projectIds.includes(projectId)) return []
    const message = `Queue ${name} must take the work of this project, it is kept for others`
    return [rejection('INVALID', message, ...pathOf(definition, task, 'queue'))]
  })
}

/** Tasks that ask for more than their pool has in all: they would wait for ever. */
function hugeWishes(
  definition: DagDefinition,
  tasks: Plan['tasks'],
  terms: ReadonlyMap<string, QueueTerms>,
): Rejection[] {
  return tasks.flatMap(({ key, queue, cpu, memoryBytes }) => {
    const { poolName, totalCpu, totalMemoryBytes } = terms.get(queue) as QueueTerms
    const rule = (what: string, total: string, given: string) =>
      `Task ${key} must ask for at most the ${total} ${what} that pool ${poolName} of its queue ${queue} has in all, given ${given}`
    const megabytes = (bytes: number) => String(bytes / 1e6)
    const path = (what: 'cpu' | 'memory') => resourcePath(definition, key, what)
    return [
      ...(cpu <= totalCpu ? [] : [rejection('INVALID', rule('cpus', String(totalCpu), String(cpu)), ...path('cpu'))]),
      ...(memoryBytes <= totalMemoryBytes
        ? []
        : [
            rejection(
              'INVALID',
              rule('MB of memory', megabytes(totalMemoryBytes), megabytes(memoryBytes)),
              ...path('memory'),
            ),
          ]),
    ]
  })
}

/** Machines that are not of their task's queue's pool: such a task would wait for ever. */
function strayMachines(
  definition: DagDefinition,
  tasks: Plan['tasks'],
  queueTerms: ReadonlyMap<string, QueueTerms>,
  machinePools: ReadonlyMap<string, string>,
): Rejection[] {
  const problems = new Map<string, Rejection>()
  for (const { key, queue, machine } of tasks) {
    if (machine === null || machinePools.get(machine) === queueTerms.get(queue)?.poolId) continue
    const message = `Machine ${machine} must belong to the pool of the task's queue, which is ${queue}`
    const pair = `${machine}/${queue}`
    if (!problems.has(pair)) problems.set(pair, rejection('INVALID', message, ...pathOf(definition, key, 'machine')))
  }
  return [...problems.values()]
}

/** Users whom the task's machine does not let it run as. */
async function strayUsers(db: Reader, definition: DagDefinition, tasks: Plan['tasks']): Promise<Rejection[]> {
  const asked = tasks.flatMap(({ key, machine, action }) =>
    'user' in action && action.user !== undefined ? [{ key, machine, user: action.user }] : [],
  )
  if (asked.length === 0) return []
  const allowed = await findRunUsers(
    db,
    asked.flatMap(({ machine }) => machine ?? []),
  )
  return asked.flatMap(({ key, machine, user }) => {
    if (machine !== null && allowed.get(machine)?.has(user)) return []
    const rule =
      machine === null ? 'must name its machine to run as another user' : `may not run on machine ${machine} as`
    const message = machine === null ? `Task ${key} ${rule}` : `Task ${key} ${rule} ${user}`
    return [rejection('INVALID', message, ...pathOf(definition, key, 'user'))]
  })
}

function firstUses(
  tasks: Plan['tasks'],
  nameOf: (task: Plan['tasks'][number]) => string | null,
): ReadonlyMap<string, string> {
  const uses = new Map<string, string>()
  for (const task of tasks) {
    const name = nameOf(task)
    if (name !== null && !uses.has(name)) uses.set(name, task.key)
  }
  return uses
}

/** Where the file says it: at the task, by its template, or in `defaults`. */
function pathOf(definition: DagDefinition, key: string, field: 'queue' | 'machine' | 'user'): string[] {
  if ((definition.tasks[key] as TaskDefinition)[field] !== undefined) return ['tasks', key, field]
  return effectiveTask(definition, key)[field] === undefined ? ['defaults', field] : ['tasks', key, 'template']
}

function resourcePath(definition: DagDefinition, key: string, what: 'cpu' | 'memory'): string[] {
  if ((definition.tasks[key] as TaskDefinition).resources?.[what] !== undefined) {
    return ['tasks', key, 'resources', what]
  }
  const isDefault = effectiveTask(definition, key).resources?.[what] === undefined
  return isDefault ? ['defaults', 'resources', what] : ['tasks', key, 'template']
}

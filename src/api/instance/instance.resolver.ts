import { Arg, Args, Ctx, FieldResolver, Float, ID, Int, Query, Resolver, Root } from 'type-graphql'
import { elementKey, parseElementKey } from '../../domain/dag/elements.js'
import type { Verdict } from '../../domain/dag/verdict.js'
import type { Json } from '../../domain/json.js'
import type { MachineRow, QueueRow } from '../../projections/capacity/capacity-rows.js'
import { getInputs, type TaskRow } from '../../projections/dag/tasks.js'
import type { List } from '../../projections/list.js'
import { getItems, getOutputs, getUpstreamOutputs } from '../../projections/run/get-instances.js'
import { getRunParameters } from '../../projections/run/get-runs.js'
import { getInstanceUsage } from '../../projections/run/get-usage.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import {
  type InstanceFilter,
  inProjects,
  instancesOfRun,
  neighbours,
  newestInstances,
  newestJudged,
  newestOfScripts,
  newestOnMachine,
} from '../../projections/run/list-instances.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import { Machine, Queue } from '../capacity/capacity.type.js'
import { loadMachine, loadQueueByName } from '../capacity/load-capacity.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { loadDag, loadTask } from '../dag/load-dags.js'
import { type ExecutorType, ExecutorTypeEnum, executorOf, Task } from '../dag/task.type.js'
import { JsonScalar } from '../json-scalars.js'
import { listAcross, listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { loadRun } from '../run/load-runs.js'
import { ResourceUsage, Run } from '../run/run.type.js'
import { projectsShown } from '../visible.js'
import { InstanceListArgs } from './instance.input.js'
import { Attempt, Instance, InstanceConnection, Script, secondsBetween, VerdictEnum } from './instance.type.js'
import { inFileOrder, newestFirst } from './list-instances.js'
import { loadAttempts, loadInstance } from './load-instances.js'
import { WaitReason } from './wait-reason.type.js'
import { loadWaitReasons } from './wait-reasons.js'

@Resolver(() => Instance)
export class InstanceResolver {
  @Access('action:readProject')
  @Query(() => Instance, { nullable: true, description: 'The instance of that id; null if invisible.' })
  instance(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<InstanceRow | null> {
    return loadInstance(id, context)
  }

  @Access('action:readProject')
  @Query(() => InstanceConnection, {
    description: "Instances: one run's in the file's order, else the newest runs' first; pages up to 1,000.",
  })
  async instances(
    @Args(() => InstanceListArgs) args: InstanceListArgs,
    @Ctx() context: Context,
  ): Promise<Connection<InstanceRow>> {
    const filter = args.filter ?? {}
    const projects = projectsShown(context, filter.projectId)
    const shows = (row: { readonly projectId: string } | null) =>
      row !== null && (projects === null || projects.includes(row.projectId))
    if (filter.runId) {
      const isShown = shows(await loadRun(filter.runId, context))
      return listAcross(context, inFileOrder(instancesOfRun(filter)), args, isShown ? [filter.runId] : [])
    }
    if (filter.dagId) {
      const isShown = shows(await loadDag(filter.dagId, context))
      return listAcross(context, newestFirst(listOf('dag', filter)), args, isShown ? [filter.dagId] : [])
    }
    if (filter.machineId) {
      const list = newestOnMachine(filter)
      const seen = { ...list, conditions: [...list.conditions, ...inProjects('i.project_id', projects)] }
      return listAcross(context, newestFirst(seen), args, [filter.machineId])
    }
    return listAcross(context, newestFirst(listOf('project', filter)), args, projects)
  }

  @FieldResolver(() => Run, { description: 'Whose instance it is.' })
  run(@Root() { runId }: InstanceRow, @Ctx() context: Context): Promise<RunRow | null> {
    return loadRun(runId, context)
  }

  @FieldResolver(() => Task, { nullable: true, description: 'What it executes; null where that is in no DAG.' })
  async task(@Root() { taskId, dagId }: InstanceRow, @Ctx() context: Context): Promise<TaskRow | null> {
    return dagId === null ? null : loadTask(taskId, context)
  }

  @FieldResolver(() => String, { description: "Its task's; of an element of a forEach with its place: `load[0]`." })
  async name(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<string> {
    const { name } = await taskOf(instance, context)
    const element = parseElementKey(instance.taskKey)
    return element === null ? name : elementKey(name, element.index)
  }

  @FieldResolver(() => String, { description: 'How it is executed: shell, script, http, thread, noop.' })
  async engine(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<string> {
    return (await taskOf(instance, context)).engine
  }

  @FieldResolver(() => ExecutorTypeEnum, { description: 'Follows from the engine.' })
  async executor(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<ExecutorType> {
    return executorOf((await taskOf(instance, context)).engine)
  }

  @FieldResolver(() => Script, { nullable: true, description: 'Null for engines other than script and thread.' })
  async script(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<Script | null> {
    const { scriptPath: path, module } = await taskOf(instance, context)
    return path === null ? null : { path, name: path.slice(path.lastIndexOf('/') + 1), module }
  }

  @FieldResolver(() => VerdictEnum, { description: 'What it found out; UNKNOWN where nothing says.' })
  verdict(@Root() { verdict }: InstanceRow): Verdict {
    return verdict ?? 'UNKNOWN'
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description:
      'Parameters, with what it gives its template, the outputs of what it needed by key, and of an element item and index; null before it was dispatched.',
  })
  async input(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<Json> {
    const { id, runId, taskId, attempt } = instance
    if (attempt === 0) return null
    const { pool } = context.services.database
    const element = parseElementKey(instance.taskKey)
    const [inputs, parameters, outputs, item] = await Promise.all([
      loadBy(context, 'task.inputs', taskId, (ids) => getInputs(pool, ids)),
      loadBy(context, 'run.parameters', runId, (ids) => getRunParameters(pool, ids)),
      loadBy(context, 'instance.upstreamOutputs', id, (ids) => getUpstreamOutputs(pool, ids)),
      element === null ? null : loadBy(context, 'instance.item', id, (ids) => getItems(pool, ids)),
    ])
    const own = element === null ? {} : { item, index: element.index }
    return { parameters: { ...parameters, ...inputs }, outputs: outputs ?? {}, ...own }
  }

  @FieldResolver(() => JsonScalar, { nullable: true, description: 'What it left for those after it.' })
  output(@Root() { id }: InstanceRow, @Ctx() context: Context): Promise<Json> {
    const { pool } = context.services.database
    return loadBy(context, 'instance.output', id, (ids) => getOutputs(pool, ids))
  }

  @FieldResolver(() => Int, { description: "From 1, in topological order; ties in the file's order." })
  async executionOrder(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<number> {
    return (await taskOf(instance, context)).executionOrder
  }

  @FieldResolver(() => Queue, { nullable: true, description: 'Where it waits.' })
  async queue(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<QueueRow | null> {
    return loadQueueByName((await taskOf(instance, context)).queueName, context)
  }

  @FieldResolver(() => Machine, { nullable: true, description: 'Where it runs, or ran last.' })
  machine(@Root() { machineId }: InstanceRow, @Ctx() context: Context): Promise<MachineRow | null> | null {
    return machineId === null ? null : loadMachine(machineId, context)
  }

  @FieldResolver(() => Int, { description: "The run's and the task's together." })
  async priority(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<number> {
    const [run, task] = await Promise.all([loadRun(instance.runId, context), taskOf(instance, context)])
    return (run?.priority ?? 0) + task.priority
  }

  @FieldResolver(() => [String], { description: "The run's and the task's; at most 1,000." })
  async tags(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<readonly string[]> {
    const [run, task] = await Promise.all([loadRun(instance.runId, context), taskOf(instance, context)])
    return [...new Set([...(run?.tags ?? []), ...task.tags])]
  }

  @FieldResolver(() => Float, { nullable: true, description: 'From start to end; null before the end.' })
  durationSeconds(@Root() { startedAt, endedAt }: InstanceRow): number | null {
    return secondsBetween(startedAt, endedAt)
  }

  @FieldResolver(() => [Attempt], { description: 'In their order; at most what the budgets of retries allow.' })
  attempts(@Root() { id }: InstanceRow, @Ctx() context: Context) {
    return loadAttempts(id, context)
  }

  @FieldResolver(() => InstanceConnection, { description: "What it waits for, in the file's order; up to 1,000." })
  upstream(
    @Root() { id }: InstanceRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<InstanceRow>> {
    return listWithin(context, 'instance.upstream', inFileOrder(neighbours('upstream')), args, id)
  }

  @FieldResolver(() => InstanceConnection, { description: "What waits for it, in the file's order; up to 1,000." })
  downstream(
    @Root() { id }: InstanceRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<InstanceRow>> {
    return listWithin(context, 'instance.downstream', inFileOrder(neighbours('downstream')), args, id)
  }

  @FieldResolver(() => [WaitReason], {
    description: 'Why it has not started; none of what has, or of what is about to be taken.',
  })
  waitReasons(@Root() instance: InstanceRow, @Ctx() context: Context): Promise<readonly WaitReason[]> {
    return loadWaitReasons(instance, context)
  }

  @FieldResolver(() => ResourceUsage, {
    nullable: true,
    description: 'Over all attempts that have ended; null while none has.',
  })
  usage(@Root() { id }: InstanceRow, @Ctx() context: Context): Promise<ResourceUsage | null> {
    const { pool } = context.services.database
    return loadBy(context, 'instance.usage', id, (ids) => getInstanceUsage(pool, ids))
  }
}

/** By what there is least of, where the filter says so. */
function listOf(parent: 'project' | 'dag', filter: InstanceFilter): List {
  if (filter.scriptPath || filter.module) return newestOfScripts(parent, filter)
  if (filter.verdict === 'PASS' || filter.verdict === 'FAIL') return newestJudged(parent, filter)
  return newestInstances(parent, filter)
}

/** The projections write both rows in one transaction, so it is there. */
async function taskOf({ taskId }: InstanceRow, context: Context): Promise<TaskRow> {
  const task = await loadTask(taskId, context)
  if (task === null) throw new Error(`Task ${taskId} is missing`)
  return task
}

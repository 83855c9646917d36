import { Arg, Args, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql'
import { type Action, needsMachine, type ProcessAction } from '../../domain/dag/action.js'
import type { DagDefinition } from '../../domain/dag/definition.js'
import { labelsOf } from '../../domain/dag/plan.js'
import type { JsonObject } from '../../domain/json.js'
import type { MachineRow, QueueRow } from '../../projections/capacity/capacity-rows.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import { type DagVersionRow, getDefinitions } from '../../projections/dag/dag-versions.js'
import {
  getActions,
  getInputs,
  getNeeds,
  latestTasks,
  TASKS_OF_PLAN,
  type TaskRow,
} from '../../projections/dag/tasks.js'
import type { TemplateRow } from '../../projections/template/templates.js'
import { Access } from '../access-rule.js'
import { Machine, Queue } from '../capacity/capacity.type.js'
import { loadMachineByName, loadQueueByName } from '../capacity/load-capacity.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { type ListField, listAcross, listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs, LARGE_PAGE_CAP } from '../paging.js'
import { loadTemplate } from '../template/load-templates.js'
import { Template } from '../template/template.type.js'
import { projectsShown } from '../visible.js'
import { TaskListArgs } from './dag.input.js'
import { Dag, DagVersion } from './dag.type.js'
import { loadDag, loadDagVersion, loadTaskKey } from './load-dags.js'
import {
  type ExecutorType,
  ExecutorTypeEnum,
  executorOf,
  ResourceRequest,
  RetryPolicy,
  Task,
  TaskConnection,
} from './task.type.js'

const OF_PLAN: ListField<TaskRow> = {
  list: TASKS_OF_PLAN,
  cursors: new CursorCodec('tasks', ['number']),
  keyOf: ({ ordinal }) => [ordinal],
  cap: LARGE_PAGE_CAP,
}
const LATEST_CURSORS = new CursorCodec('latestTasks', ['text', 'number'])

@Resolver(() => Task)
export class TaskResolver {
  @Access('action:readProject')
  @Query(() => TaskConnection, { description: "The tasks of DAGs' latest versions, DAG by DAG; pages up to 1,000." })
  tasks(@Args(() => TaskListArgs) args: TaskListArgs, @Ctx() context: Context): Promise<Connection<TaskRow>> {
    const from = args.after ? LATEST_CURSORS.decode(args.after, 'after')[0] : null
    const field: ListField<TaskRow> = {
      list: latestTasks(args, from as string | null),
      cursors: LATEST_CURSORS,
      keyOf: ({ dagId, ordinal }) => [dagId, ordinal],
      cap: LARGE_PAGE_CAP,
    }
    return listAcross(context, field, args, projectsShown(context, args.projectId))
  }

  @FieldResolver(() => Dag, { description: 'Whose task it is.' })
  dag(@Root() { dagId }: TaskRow, @Ctx() context: Context): Promise<DagRow | null> | null {
    return dagId === null ? null : loadDag(dagId, context)
  }

  @FieldResolver(() => DagVersion, { description: 'The version it is in.' })
  dagVersion(@Root() { dagVersionId }: TaskRow, @Ctx() context: Context): Promise<DagVersionRow | null> | null {
    return dagVersionId === null ? null : loadDagVersion(dagVersionId, context)
  }

  @FieldResolver(() => ExecutorTypeEnum, { description: 'Follows from the engine.' })
  executor(@Root() { engine }: TaskRow): ExecutorType {
    return executorOf(engine)
  }

  @FieldResolver(() => Template, { nullable: true, description: 'What it was made from.' })
  template(@Root() { templateId }: TaskRow, @Ctx() context: Context): Promise<TemplateRow | null> | null {
    return templateId === null ? null : loadTemplate(templateId, context)
  }

  @FieldResolver(() => JsonObjectScalar, {
    description: "What it gives its template, defaults included; `{ $value }` takes a run's value. Empty without one.",
  })
  async parameters(@Root() { id, templateId }: TaskRow, @Ctx() context: Context): Promise<JsonObject> {
    if (templateId === null) return {}
    const { pool } = context.services.database
    return (await loadBy(context, 'task.inputs', id, (ids) => getInputs(pool, ids))) ?? {}
  }

  @FieldResolver(() => Machine, { nullable: true, description: "Null: any of the queue's pool, or none is needed." })
  machine(@Root() { machineName }: TaskRow, @Ctx() context: Context): Promise<MachineRow | null> | null {
    return machineName === null ? null : loadMachineByName(machineName, context)
  }

  @FieldResolver(() => [String], { description: 'All of them its machine has; at most 100. Empty: it asks for none.' })
  async machineLabels(@Root() task: TaskRow, @Ctx() context: Context): Promise<readonly string[]> {
    const { machineName, engine, dagVersionId, key } = task
    if (machineName !== null || dagVersionId === null || !needsMachine(engine)) return []
    const { pool } = context.services.database
    // The same name as DagVersion.definition has: it is read once for both.
    const load = (ids: readonly string[]) => getDefinitions(pool, ids)
    const definition = await loadBy<DagDefinition>(context, 'dagversion.definition', dagVersionId, load)
    return definition === null ? [] : labelsOf(definition, key)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'As whom it runs on its machine; null: who logs in there.',
  })
  async runUser(@Root() task: TaskRow, @Ctx() context: Context): Promise<string | null> {
    return (await processOf(task, context))?.user ?? null
  }

  @FieldResolver(() => Queue, { nullable: true, description: 'Where its instances wait.' })
  queue(@Root() { queueName }: TaskRow, @Ctx() context: Context): Promise<QueueRow | null> {
    return loadQueueByName(queueName, context)
  }

  @FieldResolver(() => String, { nullable: true, description: 'Where on the machine it starts; null: its default.' })
  async workingDirectory(@Root() task: TaskRow, @Ctx() context: Context): Promise<string | null> {
    return (await processOf(task, context))?.directory ?? null
  }

  @FieldResolver(() => String, { nullable: true, description: "Shell text, or a script's path; null: no process." })
  async command(@Root() task: TaskRow, @Ctx() context: Context): Promise<string | null> {
    return (await processOf(task, context))?.command ?? null
  }

  @FieldResolver(() => JsonObjectScalar, { description: 'Variables that the file sets.' })
  async environment(@Root() task: TaskRow, @Ctx() context: Context): Promise<JsonObject> {
    return (await processOf(task, context))?.environment ?? {}
  }

  @FieldResolver(() => Float, { nullable: true, description: 'Of one attempt; null: none.' })
  timeoutSeconds(@Root() { timeoutMs }: TaskRow): number | null {
    return timeoutMs === null ? null : timeoutMs / 1_000
  }

  @FieldResolver(() => RetryPolicy, { description: 'What happens after a failed attempt.' })
  retry(@Root() { retry }: TaskRow): RetryPolicy {
    const { maxAttempts, backoff, jitter, delayMs, maxDelayMs, onExitCodes } = retry
    const retryOnExitCodes = onExitCodes === null ? null : [...onExitCodes]
    return {
      maxAttempts,
      backoff,
      jitter,
      delaySeconds: delayMs / 1e3,
      maxDelaySeconds: maxDelayMs / 1e3,
      retryOnExitCodes,
    }
  }

  @FieldResolver(() => ResourceRequest, { description: 'What it holds of its pool while it runs.' })
  resources(@Root() { cpu, memoryBytes }: TaskRow): ResourceRequest {
    return { cpu, memoryMb: memoryBytes / 1e6 }
  }

  @FieldResolver(() => [String], { description: 'Keys of the tasks it waits for; at most 10,000.' })
  async needs(@Root() { id }: TaskRow, @Ctx() context: Context): Promise<readonly string[]> {
    const { pool } = context.services.database
    return (await loadBy(context, 'task.needs', id, (ids) => getNeeds(pool, ids))) ?? []
  }

  @FieldResolver(() => Date, { description: 'As createdAt: a version never changes.' })
  updatedAt(@Root() { createdAt }: TaskRow): Date {
    return createdAt
  }
}

async function processOf({ id, engine }: TaskRow, context: Context): Promise<ProcessAction | null> {
  if (!needsMachine(engine)) return null
  const { pool } = context.services.database
  const action = await loadBy<Action>(context, 'task.action', id, (ids) => getActions(pool, ids))
  return action as ProcessAction | null
}

@Resolver(() => DagVersion)
export class DagVersionTasksResolver {
  @FieldResolver(() => TaskConnection, { description: "Its tasks, in the file's order; pages up to 1,000." })
  tasks(
    @Root() { id }: DagVersionRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<TaskRow>> {
    return listWithin(context, 'plan.tasks', OF_PLAN, args, id)
  }
}

@Resolver(() => Dag)
export class DagTasksResolver {
  @FieldResolver(() => TaskConnection, { description: "The latest version's tasks, in the file's order; up to 1,000." })
  tasks(
    @Root() { latestVersionId }: DagRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<TaskRow>> {
    return listWithin(context, 'plan.tasks', OF_PLAN, args, latestVersionId)
  }

  @FieldResolver(() => Task, { nullable: true, description: "The latest version's task of that key." })
  task(
    @Root() { latestVersionId }: DagRow,
    @Arg('key', () => String) key: string,
    @Ctx() context: Context,
  ): Promise<TaskRow | null> {
    return loadTaskKey(latestVersionId, key, context)
  }
}

import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { visibleProjectIds } from '../../access/viewer.js'
import type { MachineRow, QueueRow } from '../../projections/capacity/capacity-rows.js'
import type { TaskRow } from '../../projections/dag/tasks.js'
import { getLatestInstances } from '../../projections/run/get-instances.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { instancesOfRun, instancesOfTask } from '../../projections/run/list-instances.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { runningInstances } from '../../projections/waiting/list-running.js'
import { Machine, Queue } from '../capacity/capacity.type.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { Task } from '../dag/task.type.js'
import { listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { Run } from '../run/run.type.js'
import { InstancesOfArgs } from './instance.input.js'
import { Instance, InstanceConnection } from './instance.type.js'
import { inFileOrder, inIdOrder, newestFirst } from './list-instances.js'
import { loadInstanceKey } from './load-instances.js'
import { pendingWithin } from './pending.js'

/** Stands for a parent that the filter rules out: nothing has it. */
const NOBODY = ''

@Resolver(() => Run)
export class RunInstancesResolver {
  @FieldResolver(() => InstanceConnection, { description: "Its instances, in the file's order; pages up to 1,000." })
  instances(
    @Root() run: RunRow,
    @Args(() => InstancesOfArgs) args: InstancesOfArgs,
    @Ctx() context: Context,
  ): Promise<Connection<InstanceRow>> {
    const filter = args.filter ?? {}
    const isRuledOut = (filter.runId ?? run.id) !== run.id
    return listWithin(context, 'run.instances', inFileOrder(instancesOfRun(filter)), args, isRuledOut ? NOBODY : run.id)
  }

  @FieldResolver(() => Instance, { nullable: true, description: 'Of that task; null: the run has no such task.' })
  instance(
    @Root() { id }: RunRow,
    @Arg('taskKey', () => String) taskKey: string,
    @Ctx() context: Context,
  ): Promise<InstanceRow | null> {
    return loadInstanceKey(id, taskKey, context)
  }
}

@Resolver(() => Task)
export class TaskInstancesResolver {
  @FieldResolver(() => InstanceConnection, { description: 'Of its key in any version, newest first; up to 1,000.' })
  instances(
    @Root() { id }: TaskRow,
    @Args(() => InstancesOfArgs) args: InstancesOfArgs,
    @Ctx() context: Context,
  ): Promise<Connection<InstanceRow>> {
    return listWithin(context, 'task.instances', newestFirst(instancesOfTask(args.filter ?? {})), args, id)
  }

  @FieldResolver(() => Instance, { nullable: true, description: 'Of this key in any version; null: it never ran.' })
  latestInstance(@Root() { id }: TaskRow, @Ctx() context: Context): Promise<InstanceRow | null> {
    const { pool } = context.services.database
    return loadBy(context, 'task.latestInstance', id, (ids) => getLatestInstances(pool, ids))
  }
}

/** Queues and machines serve every project: only what the viewer may see of them is listed. */
@Resolver(() => Queue)
export class QueueInstancesResolver {
  @FieldResolver(() => InstanceConnection, { description: 'What may be dispatched from it, next in line first.' })
  pending(@Root() { name }: QueueRow, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context) {
    return pendingWithin(context, 'queue', name, args)
  }

  @FieldResolver(() => InstanceConnection, { description: 'What holds capacity of it; pages up to 1,000.' })
  running(@Root() { id }: QueueRow, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context) {
    const list = runningInstances('queue', visibleProjectIds(context.viewer))
    return listWithin(context, 'queue.running', inIdOrder(list), args, id)
  }
}

@Resolver(() => Machine)
export class MachineInstancesResolver {
  @FieldResolver(() => InstanceConnection, { description: 'What waits for it by name, next in line first.' })
  pending(@Root() { name }: MachineRow, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context) {
    return pendingWithin(context, 'machine', name, args)
  }

  @FieldResolver(() => InstanceConnection, { description: 'What it executes; pages up to 1,000.' })
  running(@Root() { id }: MachineRow, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context) {
    const list = runningInstances('machine', visibleProjectIds(context.viewer))
    return listWithin(context, 'machine.running', inIdOrder(list), args, id)
  }
}

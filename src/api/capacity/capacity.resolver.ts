import { Arg, Args, Ctx, FieldResolver, Float, Int, Query, Resolver, Root } from 'type-graphql'
import {
  getPools,
  MACHINE_LIST,
  type MachineRow,
  POOL_LIST,
  type PoolRow,
  QUEUE_LIST,
  type QueueRow,
} from '../../projections/capacity/capacity-rows.js'
import { getMachineLoads, getPoolUse, getQueueDepths, getQueueLoads } from '../../projections/capacity/get-use.js'
import { readPages } from '../../projections/list.js'
import { Access } from '../access-rule.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type ListField, listAcross } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { loadProject } from '../project/load-projects.js'
import { Project } from '../project/project.type.js'
import {
  BYTES_PER_MB,
  Machine,
  MachineConnection,
  MachineStatusEnum,
  Pool,
  PoolConnection,
  Queue,
  QueueConnection,
} from './capacity.type.js'
import { loadMachineByName, loadPool, loadQueueByName } from './load-capacity.js'

const MAX_UNPAGED = 1_000

const keyOf = ({ name }: { readonly name: string }) => [name]
const POOLS: ListField<PoolRow> = { list: POOL_LIST, cursors: new CursorCodec('pools', ['text']), keyOf }
const QUEUES: ListField<QueueRow> = { list: QUEUE_LIST, cursors: new CursorCodec('queues', ['text']), keyOf }
const MACHINES: ListField<MachineRow> = { list: MACHINE_LIST, cursors: new CursorCodec('machines', ['text']), keyOf }

@Resolver(() => Queue)
export class QueueResolver {
  @Access('action:readCapacity')
  @Query(() => Queue, { nullable: true, description: 'The queue of that name.' })
  queue(@Arg('name', () => String) name: string, @Ctx() context: Context): Promise<QueueRow | null> {
    return loadQueueByName(name, context)
  }

  @Access('action:readCapacity')
  @Query(() => QueueConnection, { description: 'All queues, by name.' })
  queues(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<QueueRow>> {
    return listAcross(context, QUEUES, args, null)
  }

  @FieldResolver(() => Pool, { description: 'Whose cpu and memory its instances take.' })
  pool(@Root() { poolId }: QueueRow, @Ctx() context: Context): Promise<PoolRow | null> {
    return loadPool(poolId, context)
  }

  @FieldResolver(() => [Project], {
    description: "Whose work it takes, of those the viewer may see; none: every project's, or only others'.",
  })
  projects(@Root() { projectIds }: QueueRow, @Ctx() context: Context): Promise<Project[]> {
    return projectsOf(projectIds, context)
  }

  @FieldResolver(() => Int, { description: 'Instances that hold capacity of it now.' })
  async currentLoad(@Root() { name }: QueueRow, @Ctx() context: Context): Promise<number> {
    const { pool } = context.services.database
    return (await loadBy(context, 'queue.load', name, (names) => getQueueLoads(pool, names))) ?? 0
  }

  @FieldResolver(() => Int, { description: 'Instances that wait in it now, those of paused runs too.' })
  async depth(@Root() { name }: QueueRow, @Ctx() context: Context): Promise<number> {
    const { pool } = context.services.database
    return (await loadBy(context, 'queue.depth', name, (names) => getQueueDepths(pool, names))) ?? 0
  }
}

@Resolver(() => Pool)
export class PoolResolver {
  @Access('action:readCapacity')
  @Query(() => Pool, { nullable: true, description: 'The pool of that name.' })
  async pool(@Arg('name', () => String) name: string, @Ctx() context: Context): Promise<PoolRow | null> {
    return (await getPools(context.services.database.pool, { names: [name] }))[0] ?? null
  }

  @Access('action:readCapacity')
  @Query(() => PoolConnection, { description: 'All pools, by name.' })
  pools(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<PoolRow>> {
    return listAcross(context, POOLS, args, null)
  }

  @FieldResolver(() => Float, { description: 'In MB of 10^6 bytes.' })
  totalMemoryMb(@Root() { totalMemoryBytes }: PoolRow): number {
    return totalMemoryBytes / BYTES_PER_MB
  }

  @FieldResolver(() => Float, { description: 'What its dispatched instances hold, in cpus.' })
  async usedCpu(@Root() { id }: PoolRow, @Ctx() context: Context): Promise<number> {
    return (await useOf(id, context))?.cpu ?? 0
  }

  @FieldResolver(() => Float, { description: 'What its dispatched instances hold, in MB of 10^6 bytes.' })
  async usedMemoryMb(@Root() { id }: PoolRow, @Ctx() context: Context): Promise<number> {
    return ((await useOf(id, context))?.memoryBytes ?? 0) / BYTES_PER_MB
  }

  @FieldResolver(() => [Queue], { description: 'Its queues, by name; at most 1,000.' })
  async queues(@Root() { id }: PoolRow, @Ctx() context: Context): Promise<readonly QueueRow[]> {
    return (await membersOf(context, QUEUES, id)) ?? []
  }

  @FieldResolver(() => [Machine], { description: 'Its machines, by name; at most 1,000.' })
  async machines(@Root() { id }: PoolRow, @Ctx() context: Context): Promise<readonly MachineRow[]> {
    return (await membersOf(context, MACHINES, id)) ?? []
  }
}

@Resolver(() => Machine)
export class MachineResolver {
  @Access('action:readCapacity')
  @Query(() => Machine, { nullable: true, description: 'The machine of that name.' })
  machine(@Arg('name', () => String) name: string, @Ctx() context: Context): Promise<MachineRow | null> {
    return loadMachineByName(name, context)
  }

  @Access('action:readCapacity')
  @Query(() => MachineConnection, { description: 'All machines, by name.' })
  machines(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<MachineRow>> {
    return listAcross(context, MACHINES, args, null)
  }

  @FieldResolver(() => MachineStatusEnum, { description: 'Whether it can execute.' })
  status(@Root() { isOnline, isQuarantined }: MachineRow): keyof typeof MachineStatusEnum {
    if (isQuarantined) return 'QUARANTINED'
    return isOnline ? 'ONLINE' : 'OFFLINE'
  }

  @FieldResolver(() => Pool, { description: "Which it belongs to: tasks reach it through that pool's queues." })
  pool(@Root() { poolId }: MachineRow, @Ctx() context: Context): Promise<PoolRow | null> {
    return loadPool(poolId, context)
  }

  @FieldResolver(() => [Project], {
    description: "Whose work it takes, of those the viewer may see; none: every project's.",
  })
  projects(@Root() { projectIds }: MachineRow, @Ctx() context: Context): Promise<Project[]> {
    return projectsOf(projectIds, context)
  }

  @FieldResolver(() => Float, { nullable: true, description: "The host's, in MB of 10^6 bytes; null while unknown." })
  memoryMb(@Root() { memoryBytes }: MachineRow): number | null {
    return memoryBytes === null ? null : memoryBytes / BYTES_PER_MB
  }

  @FieldResolver(() => Int, { description: 'Instances that it executes now.' })
  async runningCount(@Root() { id }: MachineRow, @Ctx() context: Context): Promise<number> {
    const { pool } = context.services.database
    return (await loadBy(context, 'machine.load', id, (ids) => getMachineLoads(pool, ids))) ?? 0
  }
}

async function projectsOf(ids: readonly string[], context: Context): Promise<Project[]> {
  const projects = await Promise.all(ids.map((id) => loadProject(id, context)))
  return projects.filter((project) => project !== null)
}

function useOf(poolId: string, context: Context) {
  return loadBy(context, 'pool.use', poolId, (ids) => getPoolUse(context.services.database.pool, ids))
}

function membersOf<Row extends object>(
  context: Context,
  { list }: ListField<Row>,
  poolId: string,
): Promise<Row[] | null> {
  const page = { limit: MAX_UNPAGED - 1, isBackward: false, from: null }
  const { pool } = context.services.database
  return loadBy(context, `pool.members:${list.from}`, poolId, (ids) => readPages<Row>(pool, list, ids, page))
}

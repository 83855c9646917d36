import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import type { Json } from '../../domain/json.js'
import type { PoolRow, QueueRow } from '../../projections/capacity/capacity-rows.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import { readPages } from '../../projections/list.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { breachList, type SlaBreachRow } from '../../projections/sla/breaches.js'
import { type DeliveryRow, getDeliveries } from '../../projections/sla/deliveries.js'
import { POOL_SLA_LIST, SLA_LIST, type SlaRow } from '../../projections/sla/slas.js'
import { Access } from '../access-rule.js'
import { Pool, Queue } from '../capacity/capacity.type.js'
import { loadPool, loadQueue } from '../capacity/load-capacity.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { Dag } from '../dag/dag.type.js'
import { loadDag } from '../dag/load-dags.js'
import { Instance } from '../instance/instance.type.js'
import { loadInstance } from '../instance/load-instances.js'
import { JsonScalar } from '../json-scalars.js'
import { type ListField, listAcross, listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { loadProject } from '../project/load-projects.js'
import { Project } from '../project/project.type.js'
import { loadRun } from '../run/load-runs.js'
import { Run } from '../run/run.type.js'
import { projectsShown } from '../visible.js'
import { audiencesOf, findVisibleSla, loadSla } from './load-slas.js'
import { SlaBreachesArgs } from './sla.input.js'
import { Sla, SlaBreach, SlaBreachConnection, SlaConnection } from './sla.type.js'

const MAX_UNPAGED = 1_000

const SLAS: ListField<SlaRow> = {
  list: SLA_LIST,
  cursors: new CursorCodec('slas', ['text']),
  keyOf: ({ name }) => [name],
}

function breachField(parent: 'sla' | 'audience', isOpen: boolean | null): ListField<SlaBreachRow> {
  const cursors = new CursorCodec('slaBreaches', ['time', 'text'])
  return { list: breachList(parent, isOpen), cursors, keyOf: ({ breachedAt, id }) => [breachedAt, id] }
}

@Resolver(() => Sla)
export class SlaResolver {
  @Access('action:readSlas')
  @Query(() => Sla, { nullable: true, description: 'The SLA of that name.' })
  sla(@Arg('name', () => String) name: string, @Ctx() context: Context): Promise<SlaRow | null> {
    return findVisibleSla(name, context)
  }

  @Access('action:readSlas')
  @Query(() => SlaConnection, { description: 'All that the viewer may see, by name.' })
  slas(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<SlaRow>> {
    return listAcross(context, SLAS, args, audiencesOf(context))
  }

  @FieldResolver(() => Project, { nullable: true, description: 'Of which project it is.' })
  project(@Root() { projectId }: SlaRow, @Ctx() context: Context) {
    return projectId === null ? null : loadProject(projectId, context)
  }

  @FieldResolver(() => Dag, { nullable: true, description: 'Whose runs it watches.' })
  dag(@Root() { dagId }: SlaRow, @Ctx() context: Context): Promise<DagRow | null> | null {
    return dagId === null ? null : loadDag(dagId, context)
  }

  @FieldResolver(() => Queue, { nullable: true, description: 'Which it watches; null, too, when that was deleted.' })
  queue(@Root() { queueId }: SlaRow, @Ctx() context: Context): Promise<QueueRow | null> | null {
    return queueId === null ? null : loadQueue(queueId, context)
  }

  @FieldResolver(() => Pool, { nullable: true, description: 'Which it watches; null, too, when that was deleted.' })
  pool(@Root() { poolId }: SlaRow, @Ctx() context: Context): Promise<PoolRow | null> | null {
    return poolId === null ? null : loadPool(poolId, context)
  }

  @FieldResolver(() => SlaBreachConnection, { description: 'The newest first.' })
  breaches(
    @Root() { id }: SlaRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<SlaBreachRow>> {
    return listWithin(context, 'sla.breaches', breachField('sla', null), args, id)
  }
}

@Resolver(() => SlaBreach)
export class SlaBreachResolver {
  @Access('action:readSlas')
  @Query(() => SlaBreachConnection, { description: 'Breaches, the newest first.' })
  slaBreaches(
    @Args(() => SlaBreachesArgs) args: SlaBreachesArgs,
    @Ctx() context: Context,
  ): Promise<Connection<SlaBreachRow>> {
    const { projectId = null, isOpen = null, ...page } = args
    const parents = projectId === null ? audiencesOf(context) : projectsShown(context, projectId)
    return listAcross(context, breachField('audience', isOpen), page, parents)
  }

  @FieldResolver(() => Sla, { description: 'What was broken.' })
  sla(@Root() { slaId }: SlaBreachRow, @Ctx() context: Context): Promise<SlaRow | null> {
    return loadSla(slaId, context)
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Which run broke it.' })
  run(@Root() { runId }: SlaBreachRow, @Ctx() context: Context): Promise<RunRow | null> | null {
    return runId === null ? null : loadRun(runId, context)
  }

  @FieldResolver(() => Instance, { nullable: true, description: 'Which instance broke it.' })
  instance(@Root() { instanceId }: SlaBreachRow, @Ctx() context: Context): Promise<InstanceRow | null> | null {
    return instanceId === null ? null : loadInstance(instanceId, context)
  }

  @FieldResolver(() => JsonScalar, {
    description:
      'A list: type, occasion (BREACHED, or RESOLVED where the end is told), status (PENDING, DONE, FAILED, SKIPPED), attempts, responseCode, message, nextTryAt, endedAt of each action.',
  })
  async actionsTaken(@Root() { id }: SlaBreachRow, @Ctx() context: Context): Promise<Json> {
    const { pool } = context.services.database
    const rows = await loadBy(context, 'slabreach.deliveries', id, (ids) => getDeliveries(pool, ids))
    return (rows ?? []).map(takenOf)
  }
}

function takenOf({ action, occasion, status, attempts, responseCode, message, nextTryAt, endedAt }: DeliveryRow): Json {
  const next = status === 'PENDING' ? nextTryAt.toISOString() : null
  const ended = endedAt?.toISOString() ?? null
  return { type: action.type, occasion, status, attempts, responseCode, message, nextTryAt: next, endedAt: ended }
}

@Resolver(() => Pool)
export class PoolSlasResolver {
  @Access('action:readSlas')
  @FieldResolver(() => [Sla], { description: 'Those that watch it, by name; at most 1,000.' })
  async slas(@Root() { id }: PoolRow, @Ctx() context: Context): Promise<SlaRow[]> {
    const page = { limit: MAX_UNPAGED - 1, isBackward: false, from: null }
    const { pool } = context.services.database
    return (await loadBy(context, 'pool.slas', id, (ids) => readPages<SlaRow>(pool, POOL_SLA_LIST, ids, page))) ?? []
  }
}

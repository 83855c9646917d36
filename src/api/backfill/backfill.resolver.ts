import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { RunStatus } from '../../domain/run/status.js'
import { type BackfillRow, getBackfillStatuses, getBackfillsOfRuns } from '../../projections/backfill/get-backfills.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { Dag } from '../dag/dag.type.js'
import { loadDag } from '../dag/load-dags.js'
import { listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { runField } from '../run/list-runs.js'
import { Run, RunConnection, RunStatusEnum } from '../run/run.type.js'
import { Backfill } from './backfill.type.js'

@Resolver(() => Backfill)
export class BackfillResolver {
  @FieldResolver(() => Dag, { description: 'Whose times they are.' })
  dag(@Root() { dagId }: BackfillRow, @Ctx() context: Context): Promise<DagRow | null> {
    return loadDag(dagId, context)
  }

  @FieldResolver(() => RunStatusEnum, {
    description: 'QUEUED: no run has begun; SUCCEEDED: all did; FAILED: all ended, not all SUCCEEDED.',
  })
  async status(@Root() { id }: BackfillRow, @Ctx() context: Context): Promise<RunStatus> {
    const { pool } = context.services.database
    return (await loadBy(context, 'backfill.status', id, (ids) => getBackfillStatuses(pool, ids))) ?? 'QUEUED'
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who asked for it; null for the platform itself.' })
  createdBy(@Root() { createdById }: BackfillRow, @Ctx() context: Context) {
    return createdById === null ? null : loadUser(createdById, context)
  }

  @FieldResolver(() => RunConnection, { description: 'Its runs, in the order in which they begin.' })
  runs(
    @Root() { id }: BackfillRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<RunRow>> {
    const field = runField('backfill', null, { field: 'CREATED_AT', direction: 'ASC' })
    return listWithin(context, 'backfill.runs', field, args, id)
  }
}

@Resolver(() => Run)
export class RunBackfillResolver {
  @Access('action:readProject')
  @FieldResolver(() => Backfill, { nullable: true, description: 'The backfill that it belongs to.' })
  backfill(@Root() { id, trigger }: RunRow, @Ctx() context: Context): Promise<BackfillRow | null> | null {
    if (trigger !== 'BACKFILL') return null
    const { pool } = context.services.database
    return loadBy(context, 'run.backfill', id, (ids) => getBackfillsOfRuns(pool, ids))
  }
}

import { Arg, Args, Ctx, FieldResolver, Float, ID, Query, Resolver, Root } from 'type-graphql'
import type { Json, JsonObject } from '../../domain/json.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import type { DagVersionRow } from '../../projections/dag/dag-versions.js'
import type { ProjectRow } from '../../projections/project/list-projects.js'
import { getAllProjectIds } from '../../projections/project/project-ids.js'
import { type RunCounts as Counts, countInstances, noCounts } from '../../projections/run/count-instances.js'
import { getRunOutputs } from '../../projections/run/get-run-outputs.js'
import { getRunParameters } from '../../projections/run/get-runs.js'
import { getRunUsage } from '../../projections/run/get-usage.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { Dag, DagVersion } from '../dag/dag.type.js'
import { loadDag, loadDagVersion } from '../dag/load-dags.js'
import { JsonObjectScalar, JsonScalar } from '../json-scalars.js'
import { listAcross } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { loadProject } from '../project/load-projects.js'
import { Project } from '../project/project.type.js'
import { projectsShown } from '../visible.js'
import { runField } from './list-runs.js'
import { loadRun } from './load-runs.js'
import { RunListArgs } from './run.input.js'
import { ExecutionModeEnum, ResourceUsage, Run, RunConnection, RunCounts } from './run.type.js'

@Resolver(() => Run)
export class RunResolver {
  @Access('action:readProject')
  @Query(() => Run, { nullable: true, description: 'The run of that id; null if invisible.' })
  run(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<RunRow | null> {
    return loadRun(id, context)
  }

  @Access('action:readProject')
  @Query(() => RunConnection, { description: 'Runs, newest first unless ordered otherwise.' })
  async runs(@Args(() => RunListArgs) args: RunListArgs, @Ctx() context: Context): Promise<Connection<RunRow>> {
    const { filter, orderBy } = args
    const projects = projectsShown(context, filter?.projectId)
    if (filter?.dagId) {
      const dag = await loadDag(filter.dagId, context)
      const isShown = dag !== null && (projects === null || projects.includes(dag.projectId))
      return listAcross(context, runField('dag', filter, orderBy), args, isShown ? [dag.id] : [])
    }
    // Only the default order has an index over all projects.
    const isMerged = projects === null && orderBy != null && orderBy.field !== 'CREATED_AT'
    const parents = isMerged ? await getAllProjectIds(context.services.database.pool) : projects
    return listAcross(context, runField('project', filter, orderBy), args, parents)
  }

  @FieldResolver(() => Project, { description: 'Which it belongs to.' })
  project(@Root() { projectId }: RunRow, @Ctx() context: Context): Promise<ProjectRow | null> {
    return loadProject(projectId, context)
  }

  @FieldResolver(() => Dag, { nullable: true, description: 'Null for a single task and a batch.' })
  dag(@Root() { dagId }: RunRow, @Ctx() context: Context): Promise<DagRow | null> | null {
    return dagId === null ? null : loadDag(dagId, context)
  }

  @FieldResolver(() => DagVersion, { nullable: true, description: 'It is tied to it for ever.' })
  dagVersion(@Root() { dagVersionId }: RunRow, @Ctx() context: Context): Promise<DagVersionRow | null> | null {
    return dagVersionId === null ? null : loadDagVersion(dagVersionId, context)
  }

  @FieldResolver(() => JsonObjectScalar, { description: 'Defaults included.' })
  async parameters(@Root() { id }: RunRow, @Ctx() context: Context): Promise<JsonObject> {
    const { pool } = context.services.database
    return (await loadBy(context, 'run.parameters', id, (ids) => getRunParameters(pool, ids))) ?? {}
  }

  @FieldResolver(() => ExecutionModeEnum, { description: 'SEQUENTIAL where maxParallel is 1.' })
  mode(@Root() { maxParallel }: RunRow): keyof typeof ExecutionModeEnum {
    return maxParallel === 1 ? 'SEQUENTIAL' : 'PARALLEL'
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null for the platform itself.' })
  createdBy(@Root() { createdById }: RunRow, @Ctx() context: Context) {
    return createdById === null ? null : loadUser(createdById, context)
  }

  @FieldResolver(() => Float, { nullable: true, description: 'From start to end; null before the end.' })
  durationSeconds(@Root() { startedAt, endedAt }: RunRow): number | null {
    return startedAt === null || endedAt === null ? null : (endedAt.getTime() - startedAt.getTime()) / 1_000
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: 'The outputs of the tasks with nothing after them, by key, once it has ended.',
  })
  async output(@Root() { id, endedAt }: RunRow, @Ctx() context: Context): Promise<Json> {
    if (endedAt === null) return null
    const { pool } = context.services.database
    return (await loadBy(context, 'run.output', id, (ids) => getRunOutputs(pool, ids))) ?? {}
  }

  @FieldResolver(() => RunCounts, { description: 'Its instances, by what they are doing.' })
  async counts(@Root() { id }: RunRow, @Ctx() context: Context): Promise<Counts> {
    const { pool } = context.services.database
    return (await loadBy(context, 'run.counts', id, (ids) => countInstances(pool, ids))) ?? noCounts()
  }

  @FieldResolver(() => ResourceUsage, {
    nullable: true,
    description: 'Over all attempts that have ended; null while none has.',
  })
  usage(@Root() { id }: RunRow, @Ctx() context: Context): Promise<ResourceUsage | null> {
    const { pool } = context.services.database
    return loadBy(context, 'run.usage', id, (ids) => getRunUsage(pool, ids))
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Of a rerun: the run it came after.' })
  parentRun(@Root() { parentRunId }: RunRow, @Ctx() context: Context): Promise<RunRow | null> | null {
    return parentRunId === null ? null : loadRun(parentRunId, context)
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: 'The first run of its line of reruns; itself for the first.',
  })
  rootRun(@Root() { rootRunId }: RunRow, @Ctx() context: Context): Promise<RunRow | null> {
    return loadRun(rootRunId, context)
  }
}

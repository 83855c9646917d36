import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { DagRow } from '../../projections/dag/dag-row.js'
import type { ProjectRow } from '../../projections/project/list-projects.js'
import { getLatestRuns } from '../../projections/run/get-runs.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { Dag } from '../dag/dag.type.js'
import { listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { Project } from '../project/project.type.js'
import { runField } from './list-runs.js'
import { ProjectRunsArgs, RunsOfArgs } from './run.input.js'
import { Run, RunConnection } from './run.type.js'

/** Stands for a parent that the filter rules out: nothing has it. */
const NOBODY = ''

@Resolver(() => Dag)
export class DagRunsResolver {
  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  runs(
    @Root() dag: DagRow,
    @Args(() => RunsOfArgs) args: RunsOfArgs,
    @Ctx() context: Context,
  ): Promise<Connection<RunRow>> {
    const { dagId, projectId } = args.filter ?? {}
    const isRuledOut = (dagId ?? dag.id) !== dag.id || (projectId ?? dag.projectId) !== dag.projectId
    return listWithin(context, 'dag.runs', runField('dag', args.filter), args, isRuledOut ? NOBODY : dag.id)
  }

  @FieldResolver(() => Run, { nullable: true, description: 'The newest; null: it never ran.' })
  latestRun(@Root() { id }: DagRow, @Ctx() context: Context): Promise<RunRow | null> {
    return loadBy(context, 'dag.latestRun', id, async (ids) => {
      const runs = await getLatestRuns(context.services.database.pool, ids)
      return new Map(runs.map((run) => [run.dagId as string, run]))
    })
  }
}

@Resolver(() => Project)
export class ProjectRunsResolver {
  @Access('action:readProject')
  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  runs(
    @Root() project: ProjectRow,
    @Args(() => ProjectRunsArgs) args: ProjectRunsArgs,
    @Ctx() context: Context,
  ): Promise<Connection<RunRow>> {
    const isRuledOut = (args.filter?.projectId ?? project.id) !== project.id
    const field = runField('project', args.filter)
    return listWithin(context, 'project.runs', field, args, isRuledOut ? NOBODY : project.id)
  }
}

import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import { visibleProjectIds } from '../../access/viewer.js'
import { checkSource } from '../../commands/check-source.js'
import type { JsonObject } from '../../domain/json.js'
import type { DagRow, DagState } from '../../projections/dag/dag-row.js'
import { type DagVersionRow, VERSION_LIST } from '../../projections/dag/dag-versions.js'
import { findDag, getDagStates } from '../../projections/dag/get-dags.js'
import { dagList } from '../../projections/dag/list-dags.js'
import type { ProjectRow } from '../../projections/project/list-projects.js'
import { Access } from '../access-rule.js'
import type { Connection } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type ListField, listAcross, listWithin } from '../list-field.js'
import { loadBy } from '../load-by.js'
import { ForwardArgs } from '../paging.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { loadProject } from '../project/load-projects.js'
import { Project } from '../project/project.type.js'
import { projectsShown } from '../visible.js'
import { type DagFilter, DagListArgs, DefinitionReport } from './dag.input.js'
import { Dag, DagConnection, DagStateEnum, DagVersion, DagVersionConnection } from './dag.type.js'
import { loadDagVersion, loadVersionNumber } from './load-dags.js'

const DAG_CURSORS = new CursorCodec('dags', ['text', 'text'])
const VERSIONS: ListField<DagVersionRow> = {
  list: VERSION_LIST,
  cursors: new CursorCodec('versions', ['number']),
  keyOf: ({ number }) => [number],
}

function dags(filter: DagFilter | null | undefined): ListField<DagRow> {
  return { list: dagList(filter ?? {}), cursors: DAG_CURSORS, keyOf: ({ name, id }) => [name, id] }
}

@Resolver(() => Dag)
export class DagResolver {
  @Access('action:readProject')
  @Query(() => Dag, { nullable: true, description: 'The DAG by the names of its project and its own.' })
  dag(
    @Arg('project', () => String) project: string,
    @Arg('name', () => String) name: string,
    @Ctx() { services, viewer }: Context,
  ): Promise<DagRow | null> {
    return findDag(services.database.pool, project, name, visibleProjectIds(viewer))
  }

  @Access('action:readProject')
  @Query(() => DagConnection, { description: 'DAGs by name.' })
  dags(@Args(() => DagListArgs) args: DagListArgs, @Ctx() context: Context): Promise<Connection<DagRow>> {
    return listAcross(context, dags(args.filter), args, projectsShown(context, args.filter?.projectId))
  }

  @Access('signedIn')
  @Query(() => DefinitionReport, {
    description: 'Checks a DAG definition (YAML or JSON text) without publishing it.',
  })
  async checkDag(@Arg('source', () => String) source: string, @Ctx() { services }: Context): Promise<DefinitionReport> {
    const { definition, problems } = await checkSource(services.database.pool, source, null)
    return { isValid: definition !== null, problems, definition: definition as JsonObject | null }
  }

  @FieldResolver(() => Project, { description: 'Which it belongs to.' })
  project(@Root() { projectId }: DagRow, @Ctx() context: Context): Promise<ProjectRow | null> {
    return loadProject(projectId, context)
  }

  @FieldResolver(() => DagStateEnum, { description: 'How it is doing.' })
  async state(@Root() { id }: DagRow, @Ctx() context: Context): Promise<DagState> {
    const { pool } = context.services.database
    return (await loadBy(context, 'dag.state', id, (ids) => getDagStates(pool, ids))) ?? 'NOT_RUNNING'
  }

  @FieldResolver(() => DagVersion, { description: 'What a new run takes unless another is named.' })
  latestVersion(@Root() { latestVersionId }: DagRow, @Ctx() context: Context): Promise<DagVersionRow | null> {
    return loadDagVersion(latestVersionId, context)
  }

  @FieldResolver(() => DagVersion, { nullable: true, description: 'The version of that number.' })
  version(
    @Root() { id }: DagRow,
    @Arg('number', () => Int) number: number,
    @Ctx() context: Context,
  ): Promise<DagVersionRow | null> {
    return loadVersionNumber(id, number, context)
  }

  @FieldResolver(() => DagVersionConnection, { description: 'All of its versions, newest first.' })
  versions(
    @Root() { id }: DagRow,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() context: Context,
  ): Promise<Connection<DagVersionRow>> {
    return listWithin(context, 'dag.versions', VERSIONS, args, id)
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who published it first; null for the platform itself.' })
  createdBy(@Root() { createdById }: DagRow, @Ctx() context: Context) {
    return createdById === null ? null : loadUser(createdById, context)
  }
}

@Resolver(() => Project)
export class ProjectDagsResolver {
  @Access('action:readProject')
  @FieldResolver(() => DagConnection, { description: 'Its DAGs, by name.' })
  dags(
    @Root() { id }: ProjectRow,
    @Args(() => DagListArgs) args: DagListArgs,
    @Ctx() context: Context,
  ): Promise<Connection<DagRow>> {
    const { filter } = args
    const shown = filter?.projectId ?? id
    return listWithin(context, 'project.dags', dags(filter), args, shown === id ? id : '')
  }
}

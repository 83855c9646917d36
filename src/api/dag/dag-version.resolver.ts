import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import type { DagDefinition } from '../../domain/dag/definition.js'
import { diffDefinitions } from '../../domain/dag/diff.js'
import type { Json, JsonObject } from '../../domain/json.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import {
  type DagVersionRow,
  getDefinitions,
  getParametersSchemas,
  getSources,
} from '../../projections/dag/dag-versions.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { JsonObjectScalar, JsonScalar } from '../json-scalars.js'
import { loadBy } from '../load-by.js'
import { loadUser } from '../people/load-people.js'
import { User } from '../people/user.type.js'
import { Dag, DagVersion } from './dag.type.js'
import { loadDag, loadVersionNumber } from './load-dags.js'

/** What is wide of a version is read when it is selected, for all versions at once. */
@Resolver(() => DagVersion)
export class DagVersionResolver {
  @FieldResolver(() => Dag, { description: 'Whose version it is.' })
  dag(@Root() { dagId }: DagVersionRow, @Ctx() context: Context): Promise<DagRow | null> {
    return loadDag(dagId, context)
  }

  @FieldResolver(() => String, { description: 'The text as it was published.' })
  source(@Root() { id }: DagVersionRow, @Ctx() context: Context): Promise<string | null> {
    const { pool } = context.services.database
    return loadBy(context, 'dagversion.source', id, (ids) => getSources(pool, ids))
  }

  @FieldResolver(() => JsonObjectScalar, { description: 'What the source says.' })
  definition(@Root() { id }: DagVersionRow, @Ctx() context: Context): Promise<object | null> {
    return loadDefinition(id, context)
  }

  @FieldResolver(() => JsonScalar, {
    description:
      'Structural, against the version of that number: { changes, tasks: { added, removed, changed } }; changes name keys with before and after.',
  })
  async diff(
    @Root() { id, dagId }: DagVersionRow,
    @Arg('from', () => Int, { description: 'The number of a version of the same DAG.' }) from: number,
    @Ctx() context: Context,
  ): Promise<Json> {
    const earlier = await loadVersionNumber(dagId, from, context)
    if (earlier === null) throw new BadInputError('from', `must be the number of a version of the DAG, given ${from}`)
    const [before, after] = await Promise.all([loadDefinition(earlier.id, context), loadDefinition(id, context)])
    return diffDefinitions(before as DagDefinition, after as DagDefinition) as unknown as Json
  }

  @FieldResolver(() => JsonObjectScalar, { nullable: true, description: "JSON Schema of a run's parameters." })
  parametersSchema(@Root() { id }: DagVersionRow, @Ctx() context: Context): Promise<JsonObject | null> {
    const { pool } = context.services.database
    return loadBy(context, 'dagversion.parameters', id, (ids) => getParametersSchemas(pool, ids))
  }

  @FieldResolver(() => User, { nullable: true, description: 'Null for the platform itself.' })
  publishedBy(@Root() { publishedById }: DagVersionRow, @Ctx() context: Context) {
    return publishedById === null ? null : loadUser(publishedById, context)
  }
}

function loadDefinition(versionId: string, context: Context): Promise<DagDefinition | null> {
  const { pool } = context.services.database
  return loadBy(context, 'dagversion.definition', versionId, (ids) => getDefinitions(pool, ids))
}

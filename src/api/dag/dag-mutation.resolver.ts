import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Action } from '../../access/policy.js'
import { archivedProblems } from '../../commands/archived.js'
import { deleteDag } from '../../commands/delete-dag.js'
import type { Prepared } from '../../commands/prepared.js'
import { preparePublishDag } from '../../commands/publish-dag.js'
import { setDagEnabled } from '../../commands/set-dag-enabled.js'
import { sourceChecksum } from '../../definitions/source-checksum.js'
import { findPublished } from '../../projections/dag/dag-versions.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { type Changed, mutate } from '../mutate.js'
import { loadProject } from '../project/load-projects.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import {
  DagPayload,
  type DefinitionProblem,
  DeleteDagInput,
  PublishDagInput,
  PublishDagPayload,
  SetDagEnabledInput,
} from './dag.input.js'
import { loadDag } from './load-dags.js'

@Resolver()
export class DagMutationResolver {
  @Access('action:publishDag')
  @Mutation(() => PublishDagPayload, {
    description: 'Publishes a version of a DAG, the first one makes the DAG. An unchanged source makes none.',
  })
  async publishDag(
    @Arg('input', () => PublishDagInput) input: PublishDagInput,
    @Ctx() context: Context,
  ): Promise<PublishDagPayload> {
    const { projectId } = input
    if ((await loadProject(projectId, context)) === null) {
      return refused([userError('NOT_FOUND', `Project ${projectId} is not there`, 'projectId')])
    }
    authorize(context, 'publishDag', projectId)
    const before = await answerBefore(context, 'publishDag', keyedBy(input))
    if (before !== null) return published(context, input, before)
    const rejections = await archivedProblems(context.services.database.pool, projectId, 'projectId')
    return rejections.length > 0 ? refused(userErrorsOf({ rejections })) : publish(context, input, FIRST_TRIES)
  }

  @Access('action:enableDag')
  @Mutation(() => DagPayload, { description: "Lets a DAG's schedule fire, or not." })
  async setDagEnabled(
    @Arg('input', () => SetDagEnabledInput) input: SetDagEnabledInput,
    @Ctx() context: Context,
  ): Promise<DagPayload> {
    return change(context, 'setDagEnabled', 'enableDag', input, setDagEnabled(input.dagId, input.isEnabled))
  }

  @Access('action:deleteDag')
  @Mutation(() => DagPayload, {
    description: 'Ends a DAG: no new runs; what runs goes on, its history stays, its name is free again.',
  })
  async deleteDag(
    @Arg('input', () => DeleteDagInput) input: DeleteDagInput,
    @Ctx() context: Context,
  ): Promise<DagPayload> {
    return change(context, 'deleteDag', 'deleteDag', input, deleteDag(input.dagId))
  }
}

async function change(
  context: Context,
  mutation: string,
  action: Action,
  input: SetDagEnabledInput | DeleteDagInput,
  command: Prepared,
): Promise<DagPayload> {
  const { dagId } = input
  const dag = await loadDag(dagId, context)
  if (dag === null) {
    return { dag: null, userErrors: [userError('NOT_FOUND', `DAG ${dagId} is not there`, 'dagId')], position: null }
  }
  authorize(context, action, dag.projectId)
  const rejections = await archivedProblems(context.services.database.pool, dag.projectId, 'dagId')
  if (rejections.length > 0) return { dag: null, userErrors: userErrorsOf({ rejections }), position: null }
  const { streamId, userErrors, position } = await mutate(context, { mutation, input, ...command })
  return { dag: streamId === null ? null : await loadDag(dagId, context), userErrors, position }
}

/**
 * Another publishes the same new name at this moment: then the DAG is there, and this is its next version. Or the DAG was
 * deleted at this moment: then this is the first version of another.
 */
const FIRST_TRIES = 3

async function publish(context: Context, input: PublishDagInput, tries: number): Promise<PublishDagPayload> {
  const { projectId, source, expectedVersion = null } = input
  const prepared = await preparePublishDag(context.services.database.pool, { projectId, source, expectedVersion })
  if ('problems' in prepared) return refused([], prepared.problems)
  const changed = await mutate(context, { mutation: 'publishDag', input: keyedBy(input), ...prepared })
  const isRace = changed.userErrors.some(
    ({ code, path }) => path[0] === 'source' && (code === 'TAKEN' || code === 'CONFLICT'),
  )
  if (isRace && tries > 1) return publish(context, input, tries - 1)
  return published(context, input, changed)
}

/** Not the whole text is compared: its checksum says the same. */
function keyedBy(input: PublishDagInput): PublishDagInput {
  return { ...input, source: sourceChecksum(input.source) }
}

async function published(context: Context, { source }: PublishDagInput, changed: Changed): Promise<PublishDagPayload> {
  const { streamId, userErrors, position } = changed
  if (streamId === null) return refused(userErrors)
  const dag = await loadDag(streamId, context)
  const dagVersion = await findPublished(context.services.database.pool, streamId, sourceChecksum(source))
  return { dag, dagVersion, problems: [], userErrors, position }
}

function refused(userErrors: UserError[], problems: readonly DefinitionProblem[] = []): PublishDagPayload {
  return { dag: null, dagVersion: null, problems, userErrors, position: null }
}

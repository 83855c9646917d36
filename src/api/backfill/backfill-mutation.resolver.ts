import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { cancelBackfill, prepareBackfill } from '../../commands/backfill.js'
import { getBackfillDates } from '../../projections/backfill/get-backfills.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { loadDag } from '../dag/load-dags.js'
import { mutate } from '../mutate.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { BackfillDagInput, BackfillDagPayload, BackfillPayload, CancelBackfillInput } from './backfill.input.js'
import { loadBackfill } from './load-backfills.js'

@Resolver()
export class BackfillMutationResolver {
  @Access('action:triggerRun')
  @Mutation(() => BackfillDagPayload, {
    description: 'Runs a DAG for the times of its schedule in a range: at most 1,000 of them, 50,000 instances in all.',
  })
  async backfillDag(
    @Arg('input', () => BackfillDagInput) input: BackfillDagInput,
    @Ctx() context: Context,
  ): Promise<BackfillDagPayload> {
    const dag = await loadDag(input.dagId, context)
    if (dag === null) return refused([userError('NOT_FOUND', `DAG ${input.dagId} is not there`, 'dagId')])
    authorize(context, 'triggerRun', dag.projectId)
    const before = await answerBefore(context, 'backfillDag', input)
    if (before?.streamId != null) return payloadOf(context, before.streamId, before.position)
    const { from, to, reprocess, maxActiveRuns, isDryRun } = input
    const request = { from, to, reprocess: reprocess ?? 'NONE', maxActiveRuns: maxActiveRuns ?? 1 } as const
    const { database, plans } = context.services
    const plan = await prepareBackfill(database.pool, plans, dag, request)
    if ('rejections' in plan) return refused(userErrorsOf(plan))
    const { logicalDates, prepared } = plan
    if (prepared === null || isDryRun === true) return { logicalDates, backfill: null, userErrors: [], position: null }
    const { streamId, userErrors, position } = await mutate(context, { mutation: 'backfillDag', input, ...prepared })
    return streamId === null ? refused(userErrors) : payloadOf(context, streamId, position)
  }

  @Access('action:steerRun')
  @Mutation(() => BackfillPayload, { description: 'Cancels the runs of a backfill that have not ended.' })
  async cancelBackfill(
    @Arg('input', () => CancelBackfillInput) input: CancelBackfillInput,
    @Ctx() context: Context,
  ): Promise<BackfillPayload> {
    const { backfillId, reason = null } = input
    const backfill = await loadBackfill(backfillId, context)
    if (backfill === null) {
      const error = userError('NOT_FOUND', `Backfill ${backfillId} is not there`, 'backfillId')
      return { backfill: null, userErrors: [error], position: null }
    }
    authorize(context, 'steerRun', backfill.projectId)
    const change = { mutation: 'cancelBackfill', input, ...cancelBackfill(backfillId, reason) }
    const { streamId, userErrors, position } = await mutate(context, change)
    return { backfill: streamId === null ? null : await loadBackfill(streamId, context), userErrors, position }
  }
}

async function payloadOf(context: Context, id: string, position: number | null): Promise<BackfillDagPayload> {
  const logicalDates = await getBackfillDates(context.services.database.pool, id)
  return { logicalDates, backfill: await loadBackfill(id, context), userErrors: [], position }
}

function refused(userErrors: UserError[]): BackfillDagPayload {
  return { logicalDates: [], backfill: null, userErrors, position: null }
}

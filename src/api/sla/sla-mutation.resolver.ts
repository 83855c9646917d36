import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { deleteSla, prepareSla, prepareSlaChange } from '../../commands/change-slas.js'
import type { SlaScope } from '../../domain/sla/sla.js'
import type { SlaRow } from '../../projections/sla/slas.js'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { type Changed, mutate } from '../mutate.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { loadSla } from './load-slas.js'
import { CreateSlaInput, DeleteSlaInput, SlaPayload, UpdateSlaInput } from './sla.input.js'
import { actionProblems, authorizedScope, authorizeScope } from './sla-scope.js'

@Resolver()
export class SlaMutationResolver {
  @Access('action:manageSlas')
  @Mutation(() => SlaPayload, { description: 'Makes an SLA, which is watched from then on.' })
  async createSla(
    @Arg('input', () => CreateSlaInput) input: CreateSlaInput,
    @Ctx() context: Context,
  ): Promise<SlaPayload> {
    const found = await authorizedScope(input, context)
    if ('userErrors' in found) return refused(found.userErrors)
    const { name, conditions, actions, priority } = input
    const wish = prepareSla({ name, ...found.scope, conditions, actions, priority: priority ?? 0 })
    if ('rejections' in wish) return refused(userErrorsOf(wish))
    const problems = await actionProblems(wish.actions, found.scope, context)
    if (problems.length > 0) return refused(problems)
    return payloadOf(context, await mutate(context, { mutation: 'createSla', input, ...wish.prepared }))
  }

  @Access('action:manageSlas')
  @Mutation(() => SlaPayload, { description: 'Changes settings of an SLA: enables or disables it, too.' })
  async updateSla(
    @Arg('input', () => UpdateSlaInput) input: UpdateSlaInput,
    @Ctx() context: Context,
  ): Promise<SlaPayload> {
    const { slaId, conditions = null, actions = null, priority = null, isEnabled = null } = input
    const sla = await loadSla(slaId, context)
    if (sla === null) return notThere(slaId)
    authorizeScope(scopeOf(sla), context)
    const change = prepareSlaChange({ ...sla, ...scopeOf(sla) }, { conditions, actions, priority, isEnabled })
    if ('rejections' in change) return refused(userErrorsOf(change))
    // Whoever sets it answers for what it does, but for taking it out of action alone.
    const isOff = isEnabled === false && actions === null && conditions === null && priority === null
    const problems = isOff ? [] : await actionProblems(change.actions, scopeOf(sla), context)
    if (problems.length > 0) return refused(problems)
    return payloadOf(context, await mutate(context, { mutation: 'updateSla', input, ...change.prepared }))
  }

  @Access('action:manageSlas')
  @Mutation(() => SlaPayload, {
    description: 'Takes an SLA away for ever; its open breaches are resolved. Its name is free again.',
  })
  async deleteSla(
    @Arg('input', () => DeleteSlaInput) input: DeleteSlaInput,
    @Ctx() context: Context,
  ): Promise<SlaPayload> {
    const sla = await loadSla(input.slaId, context)
    if (sla === null) return notThere(input.slaId)
    authorizeScope(scopeOf(sla), context)
    const before = await answerBefore(context, 'deleteSla', input)
    if (before !== null) return payloadOf(context, before)
    if (sla.deletedAt !== null) return notThere(input.slaId)
    return payloadOf(context, await mutate(context, { mutation: 'deleteSla', input, ...deleteSla(sla.id) }))
  }
}

function scopeOf({ projectId, dagId, taskKey, queueId, poolId }: SlaRow): SlaScope {
  // Ids of a row are those of its events.
  return { projectId, dagId, taskKey, queueId, poolId } as SlaScope
}

function notThere(slaId: string): SlaPayload {
  return refused([userError('NOT_FOUND', `SLA ${slaId} is not there`, 'slaId')])
}

function refused(userErrors: UserError[]): SlaPayload {
  return { sla: null, userErrors, position: null }
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<SlaPayload> {
  const row = streamId === null ? null : await loadSla(streamId, context)
  return { sla: row === null ? null : { ...row, actions: [...row.actions] }, userErrors, position }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { createQueue, deleteQueue, updateQueue, useProblems } from '../../commands/change-queues.js'
import type { PoolId, ProjectId } from '../../domain/ids.js'
import type { QueueSettings } from '../../domain/queue/queue.js'
import type { QueueRow } from '../../projections/capacity/capacity-rows.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import { Queue } from '../capacity/capacity.type.js'
import { loadQueue } from '../capacity/load-capacity.js'
import { defaultPool, keptFor, unknownReferences } from '../capacity/references.js'
import type { Context } from '../context.js'
import { type Changed, given, mutate } from '../mutate.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { CreateQueueInput, DeleteQueueInput, QueuePayload, UpdateQueueInput } from './queue.input.js'

@Resolver(() => Queue)
export class QueueMutationResolver {
  @Access('action:manageQueues')
  @Mutation(() => QueuePayload, { description: 'Makes a queue, open from the start.' })
  async createQueue(
    @Arg('input', () => CreateQueueInput) input: CreateQueueInput,
    @Ctx() context: Context,
  ): Promise<QueuePayload> {
    authorize(context, 'manageQueues')
    const before = await answerBefore(context, 'createQueue', input)
    if (before !== null) return payloadOf(context, before)
    const { name, capacity, priority } = input
    const given = [...new Set(input.projectIds ?? [])]
    const unknown = await unknownReferences(input.poolId ?? null, given, context)
    if (unknown.length > 0) return refused(unknown)
    const poolId = (input.poolId ?? (await defaultPool(context))) as PoolId
    const projectIds = given as ProjectId[]
    const change = createQueue({ name, capacity, priority: priority ?? 0, poolId, projectIds })
    return payloadOf(context, await mutate(context, { mutation: 'createQueue', input, ...change }))
  }

  @Access('action:manageQueues')
  @Mutation(() => QueuePayload, { description: 'Changes settings of a queue: pauses, resumes or drains it, too.' })
  async updateQueue(
    @Arg('input', () => UpdateQueueInput) input: UpdateQueueInput,
    @Ctx() context: Context,
  ): Promise<QueuePayload> {
    authorize(context, 'manageQueues')
    const before = await answerBefore(context, 'updateQueue', input)
    if (before !== null) return payloadOf(context, before)
    const queue = await loadQueue(input.queueId, context)
    if (queue === null) return notThere(input.queueId)
    const { poolId, projectIds } = input
    const unknown = await unknownReferences(poolId ?? null, projectIds ?? [], context)
    if (unknown.length > 0) return refused(unknown)
    const change = updateQueue(queue.id, await settingsOf(input, queue, context))
    return payloadOf(context, await mutate(context, { mutation: 'updateQueue', input, ...change }))
  }

  @Access('action:manageQueues')
  @Mutation(() => QueuePayload, {
    description: 'Takes a queue away for ever. Its name is free again. `default` has to stay.',
  })
  async deleteQueue(
    @Arg('input', () => DeleteQueueInput) input: DeleteQueueInput,
    @Ctx() context: Context,
  ): Promise<QueuePayload> {
    authorize(context, 'manageQueues')
    const before = await answerBefore(context, 'deleteQueue', input)
    if (before !== null) return payloadOf(context, before)
    const queue = await loadQueue(input.queueId, context)
    if (queue === null) return notThere(input.queueId)
    const rejections = await useProblems(context.services.database.pool, queue.name)
    if (rejections.length > 0) return refused(userErrorsOf({ rejections }))
    const change = deleteQueue(queue.id, queue.name)
    const { userErrors, position } = await mutate(context, { mutation: 'deleteQueue', input, ...change })
    return { queue: userErrors.length > 0 ? null : queue, userErrors, position }
  }
}

async function settingsOf(
  { capacity, priority, status, poolId, projectIds }: UpdateQueueInput,
  queue: QueueRow,
  context: Context,
): Promise<Partial<QueueSettings>> {
  const projects = projectIds && (await keptFor(queue.projectIds, projectIds, context))
  return given({ capacity, priority, status, poolId, projectIds: projects })
}

function notThere(queueId: string): QueuePayload {
  return refused([userError('NOT_FOUND', `Queue ${queueId} is not there`, 'queueId')])
}

function refused(userErrors: UserError[]): QueuePayload {
  return { queue: null, userErrors, position: null }
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<QueuePayload> {
  return { queue: streamId === null ? null : await loadQueue(streamId, context), userErrors, position }
}

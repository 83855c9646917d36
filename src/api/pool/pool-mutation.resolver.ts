import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { createPool, deletePool, membersProblems, updatePool } from '../../commands/change-pools.js'
import type { PoolSettings } from '../../domain/pool/pool.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import { BYTES_PER_MB, Pool } from '../capacity/capacity.type.js'
import { loadPool } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import { type Changed, given, mutate } from '../mutate.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { CreatePoolInput, DeletePoolInput, PoolPayload, UpdatePoolInput } from './pool.input.js'

@Resolver(() => Pool)
export class PoolMutationResolver {
  @Access('action:managePools')
  @Mutation(() => PoolPayload, { description: 'Makes a pool, active from the start.' })
  async createPool(
    @Arg('input', () => CreatePoolInput) input: CreatePoolInput,
    @Ctx() context: Context,
  ): Promise<PoolPayload> {
    authorize(context, 'managePools')
    const { name, totalCpu, totalMemoryMb } = input
    const change = createPool({ name, totalCpu, totalMemoryBytes: bytesOf(totalMemoryMb) })
    return payloadOf(context, await mutate(context, { mutation: 'createPool', input, ...change }))
  }

  @Access('action:managePools')
  @Mutation(() => PoolPayload, { description: 'Changes settings of a pool: pauses or resumes it, too.' })
  async updatePool(
    @Arg('input', () => UpdatePoolInput) input: UpdatePoolInput,
    @Ctx() context: Context,
  ): Promise<PoolPayload> {
    authorize(context, 'managePools')
    const before = await answerBefore(context, 'updatePool', input)
    if (before !== null) return payloadOf(context, before)
    if ((await loadPool(input.poolId, context)) === null) return notThere(input.poolId)
    const change = updatePool(input.poolId, settingsOf(input))
    return payloadOf(context, await mutate(context, { mutation: 'updatePool', input, ...change }))
  }

  @Access('action:managePools')
  @Mutation(() => PoolPayload, {
    description: 'Takes a pool away for ever. Its name is free again. `default` has to stay.',
  })
  async deletePool(
    @Arg('input', () => DeletePoolInput) input: DeletePoolInput,
    @Ctx() context: Context,
  ): Promise<PoolPayload> {
    authorize(context, 'managePools')
    const before = await answerBefore(context, 'deletePool', input)
    if (before !== null) return payloadOf(context, before)
    const pool = await loadPool(input.poolId, context)
    if (pool === null) return notThere(input.poolId)
    const rejections = await membersProblems(context.services.database.pool, pool.id, pool.name)
    if (rejections.length > 0) return refused(userErrorsOf({ rejections }))
    const { userErrors, position } = await mutate(context, { mutation: 'deletePool', input, ...deletePool(pool.id) })
    return { pool: userErrors.length > 0 ? null : pool, userErrors, position }
  }
}

function settingsOf({ totalCpu, totalMemoryMb, status }: UpdatePoolInput): Partial<PoolSettings> {
  const totalMemoryBytes = totalMemoryMb == null ? null : bytesOf(totalMemoryMb)
  return given({ totalCpu, totalMemoryBytes, status })
}

function bytesOf(megabytes: number): number {
  return Math.round(megabytes * BYTES_PER_MB)
}

function notThere(poolId: string): PoolPayload {
  return refused([userError('NOT_FOUND', `Pool ${poolId} is not there`, 'poolId')])
}

function refused(userErrors: UserError[]): PoolPayload {
  return { pool: null, userErrors, position: null }
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<PoolPayload> {
  return { pool: streamId === null ? null : await loadPool(streamId, context), userErrors, position }
}

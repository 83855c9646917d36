import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { actorOf } from '../../access/viewer.js'
import { type CacheRow, cacheKeyText } from '../../cache/cache.js'
import { checkEntry } from '../../cache/check-entry.js'
import { IdempotencyConflictError, type OnceKey } from '../../commands/command.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import { authorize, signedInViewer } from '../authorize.js'
import type { Context } from '../context.js'
import { type Change, onceKey } from '../mutate.js'
import { loadRun } from '../run/load-runs.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { entryOf } from './cache.resolver.js'
import { CacheEntryPayload, DeleteCacheEntryInput, SetCacheEntryInput } from './cache.type.js'
import { tooMuch } from './too-much.js'

@Resolver()
export class CacheMutationResolver {
  @Access('action:writeCache')
  @Mutation(() => CacheEntryPayload, {
    description: "Keeps a value in a run's cache while the run goes on. Not a part of the history.",
  })
  async setCacheEntry(
    @Arg('input', () => SetCacheEntryInput) input: SetCacheEntryInput,
    @Ctx() context: Context,
  ): Promise<CacheEntryPayload> {
    const run = await runOf(input.runId, context)
    if (run === null) return refused([notThere(input.runId)])
    const before = await answerBefore(context, 'setCacheEntry', input)
    if (before !== undefined) return answered(before)
    if (run.endedAt !== null) return refused([ended(run)])
    const { cache, clock } = context.services
    const { runId, key, value, type = null, expiresInSeconds = null } = input
    const now = clock.now()
    const entry = checkEntry({ key, value, type, expiresInSeconds }, now)
    if ('rejections' in entry) return refused(userErrorsOf(entry))
    const row = await cache.set({ runId, ...entry }, now)
    if (row === 'ENTRIES' || row === 'BYTES') return refused([tooMuch(row)])
    await remember(context, 'setCacheEntry', input)
    return answered(row)
  }

  @Access('action:writeCache')
  @Mutation(() => CacheEntryPayload, { description: "Takes an entry out of a run's cache while the run goes on." })
  async deleteCacheEntry(
    @Arg('input', () => DeleteCacheEntryInput) input: DeleteCacheEntryInput,
    @Ctx() context: Context,
  ): Promise<CacheEntryPayload> {
    const run = await runOf(input.runId, context)
    if (run === null) return refused([notThere(input.runId)])
    const before = await answerBefore(context, 'deleteCacheEntry', input)
    if (before !== undefined) return answered(before)
    if (run.endedAt !== null) return refused([ended(run)])
    const { cache, clock } = context.services
    const { runId, key } = input
    const row = await cache.delete({ runId, key }, clock.now())
    if (row === null)
      return refused([userError('NOT_FOUND', `Entry ${JSON.stringify(key.slice(0, 100))} is not there`, 'key')])
    await remember(context, 'deleteCacheEntry', input)
    return answered(row)
  }
}

/** For who may write its cache; who does not see it learns nothing. */
async function runOf(runId: string, context: Context): Promise<RunRow | null> {
  const run = await loadRun(runId, context)
  if (run !== null) authorize(context, 'writeCache', run.projectId)
  return run
}

function notThere(runId: string): UserError {
  return userError('NOT_FOUND', `Run ${runId} is not there`, 'runId')
}

function ended({ id, status }: RunRow): UserError {
  return userError('NOT_ALLOWED_IN_STATE', `Run ${id} has ended (${status}); its cache stays as it is`, 'runId')
}

type Input = Change['input'] & { readonly runId: string; readonly key: string }

/**
 * What is there by now of what came before with this idempotency key; undefined: nothing did. Throws
 * IdempotencyConflictError for the same key with another input.
 */
async function answerBefore(context: Context, mutation: string, input: Input): Promise<CacheRow | null | undefined> {
  const once = onceOf(context, mutation, input)
  if (once === null) return undefined
  const { cache, cacheCalls, clock } = context.services
  const before = await cacheCalls.find(once.key)
  if (before === null) return undefined
  if (!before.equals(once.bodyHash)) throw new IdempotencyConflictError(once.key)
  return (await cache.getMany([input], clock.now())).get(cacheKeyText(input)) ?? null
}

/** A refusal is not remembered. */
async function remember(context: Context, mutation: string, input: Input): Promise<void> {
  const once = onceOf(context, mutation, input)
  if (once !== null) await context.services.cacheCalls.remember(once.key, once.bodyHash)
}

function onceOf(context: Context, mutation: string, input: Input): OnceKey | null {
  if ((input.idempotencyKey ?? null) === null) return null
  return onceKey(`${actorOf(signedInViewer(context))}/${mutation}`, '', input)
}

function answered(row: CacheRow | null): CacheEntryPayload {
  return { cacheEntry: row === null ? null : entryOf(row), userErrors: [], position: null }
}

function refused(userErrors: UserError[]): CacheEntryPayload {
  return { cacheEntry: null, userErrors, position: null }
}

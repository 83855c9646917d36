import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { actorOf } from '../../access/viewer.js'
import { type CacheFull, type CacheRow, cacheKeyText } from '../../cache/cache.js'
import { checkEntry } from '../../cache/check-entry.js'
import { IdempotencyConflictError } from '../../commands/command.js'
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
    const problems = await runProblems(input.runId, context)
    if (problems.length > 0) return refused(problems)
    const { cache, clock } = context.services
    const { runId, key, value, type = null, expiresInSeconds = null } = input
    const now = clock.now()
    const entry = checkEntry({ key, value, type, expiresInSeconds }, now)
    if ('rejections' in entry) return refused(userErrorsOf(entry))
    const row = await once(context, 'setCacheEntry', input, () => cache.set({ runId, ...entry }, now))
    if (row === 'ENTRIES' || row === 'BYTES') return refused([tooMuch(row)])
    return answered(row)
  }

  @Access('action:writeCache')
  @Mutation(() => CacheEntryPayload, { description: "Takes an entry out of a run's cache while the run goes on." })
  async deleteCacheEntry(
    @Arg('input', () => DeleteCacheEntryInput) input: DeleteCacheEntryInput,
    @Ctx() context: Context,
  ): Promise<CacheEntryPayload> {
    const problems = await runProblems(input.runId, context)
    if (problems.length > 0) return refused(problems)
    const { cache, clock } = context.services
    const { runId, key } = input
    let isMissing = false
    const row = await once(context, 'deleteCacheEntry', input, async () => {
      const gone = await cache.delete({ runId, key }, clock.now())
      isMissing = gone === null
      return gone
    })
    if (isMissing)
      return refused([userError('NOT_FOUND', `Entry ${JSON.stringify(key.slice(0, 100))} is not there`, 'key')])
    return answered(row)
  }
}

/** Only while the run goes on; who does not see it learns nothing. */
async function runProblems(runId: string, context: Context): Promise<UserError[]> {
  const run = await loadRun(runId, context)
  if (run === null) return [userError('NOT_FOUND', `Run ${runId} is not there`, 'runId')]
  authorize(context, 'writeCache', run.projectId)
  if (run.endedAt === null) return []
  return [
    userError('NOT_ALLOWED_IN_STATE', `Run ${runId} has ended (${run.status}); its cache stays as it is`, 'runId'),
  ]
}

/**
 * Does it, unless it came before with this idempotency key: then the answer is the entry as it is now. A refusal is not
 * remembered. Throws IdempotencyConflictError for the same key with another input.
 */
async function once<Answer extends CacheRow | CacheFull | null>(
  context: Context,
  mutation: string,
  input: Change['input'] & { readonly runId: string; readonly key: string },
  work: () => Promise<Answer>,
): Promise<Answer | CacheRow | null> {
  if ((input.idempotencyKey ?? null) === null) return work()
  const { cache, cacheCalls, clock } = context.services
  const { key, bodyHash } = onceKey(`${actorOf(signedInViewer(context))}/${mutation}`, '', input)
  const before = await cacheCalls.find(key)
  if (before === null) {
    const answer = await work()
    if (answer !== null && typeof answer === 'object') await cacheCalls.remember(key, bodyHash)
    return answer
  }
  if (!before.equals(bodyHash)) throw new IdempotencyConflictError(key)
  return (await cache.getMany([input], clock.now())).get(cacheKeyText(input)) ?? null
}

function answered(row: CacheRow | null): CacheEntryPayload {
  return { cacheEntry: row === null ? null : entryOf(row), userErrors: [], position: null }
}

function refused(userErrors: UserError[]): CacheEntryPayload {
  return { cacheEntry: null, userErrors, position: null }
}

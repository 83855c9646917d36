import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { type CacheRow, cacheKeyText } from '../../cache/cache.js'
import type { RunRow } from '../../projections/run/run-row.js'
import type { Context } from '../context.js'
import { loadBy } from '../load-by.js'
import { loadRun } from '../run/load-runs.js'
import { Run } from '../run/run.type.js'
import { CacheEntry } from './cache.type.js'

@Resolver(() => Run)
export class RunCacheResolver {
  @FieldResolver(() => [CacheEntry], { description: 'What its tasks keep for each other, by key; at most 1,000.' })
  async cache(@Root() { id }: RunRow, @Ctx() context: Context): Promise<CacheEntry[]> {
    const { cache, clock } = context.services
    const rows = await loadBy(context, 'run.cache', id, (ids) => cache.list(ids, clock.now()))
    return (rows ?? []).map(entryOf)
  }

  @FieldResolver(() => CacheEntry, { nullable: true, description: 'The entry of that key; null if there is none.' })
  async cacheEntry(
    @Root() { id }: RunRow,
    @Arg('key', () => String, { description: 'Of the entry.' }) key: string,
    @Ctx() context: Context,
  ): Promise<CacheEntry | null> {
    const { cache, clock } = context.services
    const row = await loadBy(context, 'run.cacheEntry', cacheKeyText({ runId: id, key }), (texts) =>
      cache.getMany(texts.map(keyOf), clock.now()),
    )
    return row === null ? null : entryOf(row)
  }
}

@Resolver(() => CacheEntry)
export class CacheEntryResolver {
  @FieldResolver(() => Run, { description: 'Whose entry it is.' })
  run(@Root() { runId }: CacheEntry, @Ctx() context: Context): Promise<RunRow | null> {
    return loadRun(runId, context)
  }
}

/** A row as the API shows it. */
export function entryOf(row: CacheRow): CacheEntry {
  return { ...row, id: cacheKeyText(row) }
}

/** A run's id has no slash. */
function keyOf(text: string) {
  const slash = text.indexOf('/')
  return { runId: text.slice(0, slash), key: text.slice(slash + 1) }
}

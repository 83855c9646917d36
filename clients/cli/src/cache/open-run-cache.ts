import { UsageFailure } from '../failure.js'
import { resolveRun } from '../runs/resolve-run.js'
import { isTaskToken } from '../session/task-token.js'
import { type World, withConnection } from '../world.js'
import { ApiCache } from './api-cache.js'
import type { RunCache } from './run-cache.js'
import { TaskCache } from './task-cache.js'

/** Inside a task its own run's, by the task's token; else that of the run that is named. */
export async function withRunCache<T>(
  world: World,
  run: string | undefined,
  work: (cache: RunCache) => Promise<T>,
): Promise<T> {
  const { DAGBOOK_TOKEN: token = '', DAGBOOK_URL: url = '', DAGBOOK_RUN_ID: own } = world.env
  if (isTaskToken(token)) {
    if (run !== undefined && run !== own) throw new UsageFailure("--run: a task reaches its own run's cache only")
    if (url === '') throw new UsageFailure('DAGBOOK_URL: must be set beside the token of a task')
    return work(new TaskCache(url, token, world.signal))
  }
  const named = run ?? own
  if (named === undefined) throw new UsageFailure('--run: must name a run, as this is no task of one')
  return withConnection(world, async ({ api }) => work(new ApiCache(api, await resolveRun(api, named))))
}

import { visibleProjectIds } from '../../access/viewer.js'
import { getRuns } from '../../projections/run/get-runs.js'
import type { RunRow } from '../../projections/run/run-row.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** The run if it exists and the viewer may see it. */
export function loadRun(id: string, context: Context): Promise<RunRow | null> {
  return loadBy(context, 'run.id', id, async (ids) => byId(await runsOf(ids, context)))
}

export function runsOf(ids: readonly string[], { services, viewer }: Context): Promise<RunRow[]> {
  return getRuns(services.database.pool, ids, visibleProjectIds(viewer))
}

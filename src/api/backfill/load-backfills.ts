import { visibleProjectIds } from '../../access/viewer.js'
import { type BackfillRow, getBackfills } from '../../projections/backfill/get-backfills.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** The backfill if it exists and the viewer may see it. */
export function loadBackfill(id: string, context: Context): Promise<BackfillRow | null> {
  return loadBy(context, 'backfill.id', id, async (ids) => byId(await backfillsOf(ids, context)))
}

export function backfillsOf(ids: readonly string[], { services, viewer }: Context): Promise<BackfillRow[]> {
  return getBackfills(services.database.pool, ids, visibleProjectIds(viewer))
}

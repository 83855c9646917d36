import { visibleProjectIds } from '../../access/viewer.js'
import { getBreaches, type SlaBreachRow } from '../../projections/sla/breaches.js'
import { findSla, getSlas, type SlaRow } from '../../projections/sla/slas.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** Whose SLAs the viewer may see: those of visible projects, and of queues and pools when signed in; null: all. */
export function audiencesOf({ viewer }: Context): readonly string[] | null {
  const visible = visibleProjectIds(viewer)
  if (visible === null) return null
  return viewer === null ? [] : [...visible, 'capacity']
}

/** The SLA if it exists, or did, and the viewer may see it. */
export function loadSla(id: string, context: Context): Promise<SlaRow | null> {
  return loadBy(context, 'sla.id', id, async (ids) => byId(await slasOf(ids, context)))
}

/** The one that is there now. */
export function findVisibleSla(name: string, context: Context): Promise<SlaRow | null> {
  return findSla(context.services.database.pool, name, audiencesOf(context))
}

/** Deleted ones too: their breaches name them. */
export function slasOf(ids: readonly string[], context: Context): Promise<SlaRow[]> {
  return getSlas(context.services.database.pool, ids, audiencesOf(context))
}

/** The breach if it exists and the viewer may see it. */
export function loadBreach(id: string, context: Context): Promise<SlaBreachRow | null> {
  return loadBy(context, 'slabreach.id', id, async (ids) => byId(await breachesOf(ids, context)))
}

export function breachesOf(ids: readonly string[], context: Context): Promise<SlaBreachRow[]> {
  return getBreaches(context.services.database.pool, ids, audiencesOf(context))
}

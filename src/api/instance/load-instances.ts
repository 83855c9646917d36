import { visibleProjectIds } from '../../access/viewer.js'
import { findInstances } from '../../projections/run/find-instance.js'
import { getInstances } from '../../projections/run/get-instances.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { type AttemptRow, listAttempts } from '../../projections/run/list-attempts.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** The instance if it exists and the viewer may see it. */
export function loadInstance(id: string, context: Context): Promise<InstanceRow | null> {
  return loadBy(context, 'instance.id', id, async (ids) => byId(await instancesOf(ids, context)))
}

export function instancesOf(ids: readonly string[], { services, viewer }: Context): Promise<InstanceRow[]> {
  return getInstances(services.database.pool, ids, visibleProjectIds(viewer))
}

/** The instance of that task in a run that the viewer may see. */
export function loadInstanceKey(runId: string, taskKey: string, context: Context): Promise<InstanceRow | null> {
  return loadBy(context, 'instance.key', `${runId}/${taskKey}`, async (keys) => {
    const wanted = keys.map((key) => {
      const slash = key.indexOf('/')
      return { runId: key.slice(0, slash), taskKey: key.slice(slash + 1) }
    })
    const rows = await findInstances(context.services.database.pool, wanted)
    return new Map(rows.map((row) => [`${row.runId}/${row.taskKey}`, row]))
  })
}

/** Every attempt of an instance that the viewer may see, in order. */
export async function loadAttempts(instanceId: string, context: Context): Promise<readonly AttemptRow[]> {
  const { pool } = context.services.database
  return (await loadBy(context, 'instance.attempts', instanceId, (ids) => listAttempts(pool, ids))) ?? []
}

import { visibleProjectIds } from '../../access/viewer.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import { type DagVersionRow, findDagVersions, getDagVersions } from '../../projections/dag/dag-versions.js'
import { getDags } from '../../projections/dag/get-dags.js'
import { findTasks, getTasks, type TaskRow } from '../../projections/dag/tasks.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** The DAG if it exists and the viewer may see it. */
export function loadDag(id: string, context: Context): Promise<DagRow | null> {
  return loadBy(context, 'dag.id', id, async (ids) => byId(await dagsOf(ids, context)))
}

export function dagsOf(ids: readonly string[], { services, viewer }: Context): Promise<DagRow[]> {
  return getDags(services.database.pool, ids, visibleProjectIds(viewer))
}

/** The version if it exists and the viewer may see it. */
export function loadDagVersion(id: string, context: Context): Promise<DagVersionRow | null> {
  return loadBy(context, 'dagversion.id', id, async (ids) => byId(await dagVersionsOf(ids, context)))
}

export function dagVersionsOf(ids: readonly string[], { services, viewer }: Context): Promise<DagVersionRow[]> {
  return getDagVersions(services.database.pool, ids, visibleProjectIds(viewer))
}

/** The version of that number, of a DAG that the viewer may see. */
export function loadVersionNumber(dagId: string, number: number, context: Context): Promise<DagVersionRow | null> {
  return loadBy(context, 'dagversion.number', `${dagId}/${number}`, async (keys) => {
    const wanted = keys.map((key) => {
      const [id, text] = key.split('/') as [string, string]
      return { dagId: id, number: Number(text) }
    })
    const rows = await findDagVersions(context.services.database.pool, wanted)
    return new Map(rows.map((row) => [`${row.dagId}/${row.number}`, row]))
  })
}

/** The task if it exists and the viewer may see it. */
export function loadTask(id: string, context: Context): Promise<TaskRow | null> {
  return loadBy(context, 'task.id', id, async (ids) => byId(await tasksOf(ids, context)))
}

export function tasksOf(ids: readonly string[], { services, viewer }: Context): Promise<TaskRow[]> {
  return getTasks(services.database.pool, ids, visibleProjectIds(viewer))
}

/** Those that a DAG version has; the task of a run without a DAG is shown by its instance alone. */
export async function versionTasksOf(ids: readonly string[], context: Context): Promise<TaskRow[]> {
  return (await tasksOf(ids, context)).filter(({ dagVersionId }) => dagVersionId !== null)
}

/** The task of that key in a plan that the viewer may see. */
export function loadTaskKey(planId: string, key: string, context: Context): Promise<TaskRow | null> {
  return loadBy(context, 'task.key', `${planId}/${key}`, async (keys) => {
    const wanted = keys.map((each) => {
      const slash = each.indexOf('/')
      return { planId: each.slice(0, slash), key: each.slice(slash + 1) }
    })
    const rows = await findTasks(context.services.database.pool, wanted)
    return new Map(rows.map((row) => [`${row.planId}/${row.key}`, row]))
  })
}

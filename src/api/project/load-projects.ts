import DataLoader from 'dataloader'
import { visibleProjectIds } from '../../access/viewer.js'
import { getProjects, listMembers, type MemberRow, type ProjectRow } from '../../projections/project/list-projects.js'
import type { Context } from '../context.js'

/** The project if it exists and the viewer may see it; all that are asked for at once come in one statement. */
export function loadProject(id: string, context: Context): Promise<ProjectRow | null> {
  return context.loaders.get('projects', () => new DataLoader((ids: readonly string[]) => byId(ids, context))).load(id)
}

async function byId(ids: readonly string[], context: Context): Promise<(ProjectRow | null)[]> {
  const rows = await getProjects(context.services.database, ids, visibleProjectIds(context.viewer))
  const found = new Map<string, ProjectRow>(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

/** The members of a project that the viewer may see. */
export function loadMembers(projectId: string, context: Context): Promise<MemberRow[]> {
  const { database } = context.services
  const load = async (ids: readonly string[]): Promise<MemberRow[][]> => {
    const rows = await listMembers(database, ids)
    const groups = groupByProject(rows)
    return ids.map((id) => groups.get(id) ?? [])
  }
  return context.loaders.get('members', () => new DataLoader(load)).load(projectId)
}

function groupByProject(rows: readonly MemberRow[]): Map<string, MemberRow[]> {
  const groups = new Map<string, MemberRow[]>()
  for (const row of rows) {
    const group = groups.get(row.projectId)
    if (group === undefined) groups.set(row.projectId, [row])
    else group.push(row)
  }
  return groups
}

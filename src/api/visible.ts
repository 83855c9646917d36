import { visibleProjectIds } from '../access/viewer.js'
import type { Context } from './context.js'

/**
 * The projects whose rows a list may show: the viewer's, or of these the one that is asked for. Null: every project,
 * without an end to the list of them.
 */
export function projectsShown(context: Context, projectId: string | null | undefined): readonly string[] | null {
  const visible: readonly string[] | null = visibleProjectIds(context.viewer)
  if (projectId === null || projectId === undefined) return visible
  return visible === null || visible.includes(projectId) ? [projectId] : []
}

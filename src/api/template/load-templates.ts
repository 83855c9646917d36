import { findTemplates, getTemplates, type TemplateRow } from '../../projections/template/templates.js'
import type { Context } from '../context.js'
import { byId, loadBy } from '../load-by.js'

/** Who is signed in may see every one of them. */
export function loadTemplate(id: string, context: Context): Promise<TemplateRow | null> {
  return loadBy(context, 'template.id', id, async (ids) => byId(await templatesOf(ids, context)))
}

export function templatesOf(ids: readonly string[], { services }: Context): Promise<TemplateRow[]> {
  return getTemplates(services.database.pool, ids)
}

/** That version, or the latest. */
export async function findTemplate(
  name: string,
  version: number | null,
  { services }: Context,
): Promise<TemplateRow | null> {
  const found = await findTemplates(services.database.pool, [{ reference: name, name, version }])
  return found.get(name) ?? null
}

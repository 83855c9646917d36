import type { SlaBreachRow } from '../../projections/sla/breaches.js'
import type { Context } from '../context.js'
import { follow } from '../feed/follow.js'
import { loadBreach } from './load-slas.js'
import type { SlaFeedArgs } from './sla.input.js'

/** A breach at the event that began or ended it. */
export interface SlaBreachUpdateRow {
  readonly position: number
  readonly breach: SlaBreachRow
}

const TYPES = ['SlaBreached', 'SlaResolved']

/** Each breach that begins or ends, as it is when it is delivered; those that the viewer may see by then. */
export async function* followBreaches(
  context: Context,
  { projectId = null, after = null }: SlaFeedArgs,
): AsyncGenerator<SlaBreachUpdateRow, void, void> {
  const query = { types: TYPES, projects: projectId === null ? null : [projectId] }
  for await (const events of follow(context, query, after, 'SIGNED_IN')) {
    context.loaders.clear()
    const ids = events.map(({ dataText }) => (JSON.parse(dataText) as { readonly breachId: string }).breachId)
    const breaches = await Promise.all(ids.map((id) => loadBreach(id, context)))
    for (const [at, event] of events.entries()) {
      const breach = breaches[at]
      if (breach != null) yield { position: event.position, breach }
    }
  }
}

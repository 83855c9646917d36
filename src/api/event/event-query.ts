import type { StoredEvent } from '../../history/event.js'
import type { EventQuery } from '../../history/read-page.js'
import type { Context } from '../context.js'
import { loadInstance } from '../instance/load-instances.js'
import { projectsShown } from '../visible.js'
import type { EventFilter } from './event.type.js'

/**
 * The filter as the journal is asked, with what the viewer may see; null: there can be no such event. A run is a stream,
 * and an instance is found in its run's.
 */
export async function eventQuery(context: Context, filter: EventFilter): Promise<EventQuery | null> {
  const { instanceId, dagId, types, actorId, recordedFrom, recordedTo } = filter
  const instance = instanceId ? await loadInstance(instanceId, context) : null
  if (instanceId && instance === null) return null
  const streams = new Set([filter.streamId, filter.runId, instance?.runId].filter((id) => id != null))
  if (streams.size > 1) return null
  const [streamId = null] = streams
  return {
    streamId: streamId as string | null,
    instanceId: instanceId ?? null,
    dagId: dagId ?? null,
    types: types ?? null,
    actor: actorId ?? null,
    recordedFrom: recordedFrom ?? null,
    recordedTo: recordedTo ?? null,
    projects: projectsShown(context, filter.projectId),
  }
}

/** Whether the event is one of those, as SQL would say. */
export function matches(query: EventQuery, event: StoredEvent): boolean {
  const { streamId, dagId, instanceId, types, actor, recordedFrom, recordedTo, projects } = query
  return (
    is(streamId, event.streamId) &&
    is(dagId, event.dagId) &&
    is(instanceId, event.instanceId) &&
    is(actor, event.actor) &&
    (types == null || types.includes(event.type)) &&
    (recordedFrom == null || event.recordedAt >= recordedFrom) &&
    (recordedTo == null || event.recordedAt < recordedTo) &&
    (projects === null || (event.projectId !== null && projects.includes(event.projectId)))
  )
}

function is(wanted: string | null | undefined, given: string | null): boolean {
  return wanted === null || wanted === undefined || wanted === given
}

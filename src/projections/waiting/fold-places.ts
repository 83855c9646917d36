import type { RunEvent } from '../../domain/run/events.js'
import type { AppliedEvent } from '../projection.js'

/** Where an instance stands after the batch. */
export interface Place {
  readonly instanceId: string
  readonly runId: string
  readonly taskKey: string
  readonly projectId: string | null
  hasMoved: boolean
  /** The table that has its row of before the batch; null: it has none. */
  left: 'queue_entry' | 'queue_hold' | null
  waiting: { readonly queuedAt: Date; readonly isHeld: boolean } | null
  holding: { readonly fence: number; readonly machineId: string | null } | null
  nodeId: string | null
}

export interface Places {
  readonly places: ReadonlyMap<string, Place>
  /** By run: whether it is paused. */
  readonly pauses: ReadonlyMap<string, boolean>
  /** By run: its new priority. */
  readonly priorities: ReadonlyMap<string, number>
}

/** Where the batch leaves the instances that it moves, and the runs that it pauses, resumes or gives another priority. */
export function foldPlaces(events: readonly AppliedEvent[]): Places {
  const places = new Map<string, Place>()
  const pauses = new Map<string, boolean>()
  const priorities = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'RunPaused' || event.type === 'RunResumed') {
      pauses.set(event.streamId, event.type === 'RunPaused')
    } else if (event.type === 'RunPriorityChanged') {
      priorities.set(event.streamId, (event.data as { readonly priority: number }).priority)
    } else if (event.instanceId !== null) {
      const place = places.get(event.instanceId) ?? placeOf(event.instanceId, event)
      if (foldPlace(place, event)) places.set(event.instanceId, place)
    }
  }
  return { places, pauses, priorities }
}

function placeOf(instanceId: string, { streamId: runId, projectId, data }: AppliedEvent): Place {
  const taskKey = (data as { task: string }).task
  const nowhere = { hasMoved: false, left: null, waiting: null, holding: null, nodeId: null }
  return { instanceId, runId, taskKey, projectId, ...nowhere }
}

type InstanceEvent = Extract<RunEvent, { type: `Instance${string}` }>

/** Whether the event moves the instance at all. */
function foldPlace(place: Place, applied: AppliedEvent): boolean {
  const event = applied as unknown as InstanceEvent
  switch (event.type) {
    case 'InstanceQueued':
      move(place, null)
      place.waiting = { queuedAt: applied.recordedAt, isHeld: event.data.isHeld }
      return true
    case 'InstanceDispatched':
      move(place, 'queue_entry')
      place.holding = { fence: applied.version, machineId: event.data.machineId }
      place.nodeId = event.data.node
      return true
    case 'InstanceReattached':
      place.nodeId = event.data.node
      return true
    case 'InstanceReused':
    case 'InstanceExpanded':
    case 'InstanceStarted':
    case 'InstanceContactLost':
    case 'InstanceCancelRequested':
    case 'InstanceForceRequested':
      return false
    default:
      // What ends without an attempt was waiting, if it was anywhere.
      move(place, event.data.attempt === null ? 'queue_entry' : 'queue_hold')
      return true
  }
}

/** Its first move in the batch tells where it was before. */
function move(place: Place, from: Place['left']): void {
  if (!place.hasMoved) place.left = from
  place.hasMoved = true
  place.waiting = null
  place.holding = null
}

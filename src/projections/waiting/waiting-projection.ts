import type { ClientBase } from 'pg'
import type { RunEvent } from '../../domain/run/events.js'
import { type AppliedEvent, columns, type Projection } from '../projection.js'

/** Who waits for capacity, and who holds it. */
export const waitingProjection: Projection = {
  name: 'waiting',
  tables: ['queue_entry', 'queue_hold'],
  async apply(tx, events) {
    const { places, pauses } = fold(events)
    if (places.size === 0 && pauses.size === 0) return
    await Promise.all([
      leave(tx, places),
      enter(tx, places),
      hold(tx, places),
      moveHolds(tx, places),
      pause(tx, pauses),
    ])
  },
}

/** Where an instance stands after the batch. */
interface Place {
  readonly instanceId: string
  readonly runId: string
  hasMoved: boolean
  /** The table that has its row of before the batch; null: it has none. */
  left: 'queue_entry' | 'queue_hold' | null
  waiting: { readonly queuedAt: Date; readonly isHeld: boolean } | null
  holding: { readonly fence: number; readonly machineId: string | null } | null
  nodeId: string | null
}

interface Fold {
  readonly places: Map<string, Place>
  readonly pauses: Map<string, boolean>
}

function fold(events: readonly AppliedEvent[]): Fold {
  const result: Fold = { places: new Map(), pauses: new Map() }
  for (const event of events) {
    if (event.type === 'RunPaused' || event.type === 'RunResumed') {
      result.pauses.set(event.streamId, event.type === 'RunPaused')
    } else if (event.instanceId !== null) {
      const place = result.places.get(event.instanceId) ?? placeOf(event.instanceId, event.streamId)
      if (foldPlace(place, event)) result.places.set(event.instanceId, place)
    }
  }
  return result
}

function placeOf(instanceId: string, runId: string): Place {
  return { instanceId, runId, hasMoved: false, left: null, waiting: null, holding: null, nodeId: null }
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

const LEAVE_ENTRY = 'DELETE FROM queue_entry WHERE instance_id = ANY($1::text[])'
const LEAVE_HOLD = 'DELETE FROM queue_hold WHERE instance_id = ANY($1::text[])'

async function leave(tx: ClientBase, places: Map<string, Place>): Promise<void> {
  const from = (table: Place['left']) =>
    [...places.values()].filter((place) => place.left === table).map((place) => place.instanceId)
  const [entries, holds] = [from('queue_entry'), from('queue_hold')]
  await Promise.all([
    entries.length > 0 && tx.query({ name: 'leave-entry', text: LEAVE_ENTRY, values: [entries] }),
    holds.length > 0 && tx.query({ name: 'leave-hold', text: LEAVE_HOLD, values: [holds] }),
  ])
}

/** The rank ages: a minute of waiting is worth one step of priority, so nothing starves. */
const ENTER = `
  INSERT INTO queue_entry (instance_id, run_id, task_key, queue, project_id, placement, rank, cpu, memory_bytes, is_held,
    queued_at)
  SELECT i.id, i.run_id, i.task_key, t.queue, i.project_id,
    CASE WHEN t.engine IN ('http', 'noop') THEN '-' ELSE coalesce(t.machine, '') END,
    w.queued_at - make_interval(mins => r.priority + t.priority), t.cpu, t.memory_bytes, w.is_held, w.queued_at
  FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) AS w(id, queued_at, is_held)
  JOIN instance i ON i.id = w.id
  JOIN task t ON t.id = i.task_id
  JOIN run r ON r.id = i.run_id`

async function enter(tx: ClientBase, places: Map<string, Place>): Promise<void> {
  const entering = [...places.values()].flatMap(({ instanceId, waiting }) =>
    waiting ? [{ instanceId, ...waiting }] : [],
  )
  if (entering.length === 0) return
  const values = columns(
    entering,
    (place) => place.instanceId,
    (place) => place.queuedAt,
    (place) => place.isHeld,
  )
  await tx.query({ name: 'enter', text: ENTER, values })
}

const HOLD = `
  INSERT INTO queue_hold (instance_id, run_id, task_key, queue, fence, node_id, machine_id, cpu, memory_bytes)
  SELECT i.id, i.run_id, i.task_key, t.queue, h.fence, h.node, h.machine, t.cpu, t.memory_bytes
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[]) AS h(id, fence, node, machine)
  JOIN instance i ON i.id = h.id
  JOIN task t ON t.id = i.task_id`

async function hold(tx: ClientBase, places: Map<string, Place>): Promise<void> {
  const holding = [...places.values()].flatMap(({ instanceId, holding, nodeId }) =>
    holding ? [{ instanceId, nodeId, ...holding }] : [],
  )
  if (holding.length === 0) return
  const values = columns(
    holding,
    (place) => place.instanceId,
    (place) => place.fence,
    (place) => place.nodeId,
    (place) => place.machineId,
  )
  await tx.query({ name: 'hold', text: HOLD, values })
}

const MOVE_HOLDS = `
  UPDATE queue_hold AS h SET node_id = m.node
  FROM unnest($1::text[], $2::text[]) AS m(id, node)
  WHERE h.instance_id = m.id`

/** Attempts that another dispatcher has taken over. */
async function moveHolds(tx: ClientBase, places: Map<string, Place>): Promise<void> {
  const moved = [...places.values()].filter((place) => !place.hasMoved && place.nodeId !== null)
  if (moved.length === 0) return
  const values = columns(
    moved,
    (place) => place.instanceId,
    (place) => place.nodeId,
  )
  await tx.query({ name: 'move-holds', text: MOVE_HOLDS, values })
}

const PAUSE = `
  UPDATE queue_entry AS e SET is_held = p.is_held
  FROM unnest($1::text[], $2::boolean[]) AS p(run, is_held)
  WHERE e.run_id = p.run AND e.is_held <> p.is_held`

/** Last: how the run stands after the batch decides for all that waits. */
async function pause(tx: ClientBase, pauses: Map<string, boolean>): Promise<void> {
  if (pauses.size === 0) return
  await tx.query({ name: 'pause', text: PAUSE, values: [[...pauses.keys()], [...pauses.values()]] })
}
